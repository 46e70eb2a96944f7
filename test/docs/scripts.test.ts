/** Every npm script that a page, a workflow or CI names is in package.json. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'

const WORKFLOWS = '.github/workflows'
const FILES = [
  '.ci/run',
  'README.md',
  'docs/ARCHITECTURE.md',
  'docs/RELEASE.md',
  ...readdirSync(join(REPOSITORY, WORKFLOWS)).map((name) => `${WORKFLOWS}/${name}`),
]

/** `npm run --silent NAME`, and the two that need no `run`. */
const SCRIPT = /\bnpm (?:run (?:--\S+ )*([\w:-]+)|(start|test)\b)/g

for (const file of FILES) {
  test(`scripts - ${file} names scripts that exist`, (t) => {
    const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
      readFileSync(join(REPOSITORY, 'package.json'), 'utf8'),
    )
    const text = readFileSync(join(REPOSITORY, file), 'utf8')
    const named = [...text.matchAll(SCRIPT)].map(([, run, other]) => run ?? other ?? '')
    t.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    )
  })
}
