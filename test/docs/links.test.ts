/** Links of the pages lead somewhere, and the files and scripts that they name exist. */

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { anchorsOf, PAGES, read } from './markdown.ts'

const LINK = /\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g

for (const page of PAGES) {
  test(`links - of ${page} lead to a file and a heading`, (t) => {
    t.true(read(page).length > 0)
    for (const [link, target = '', anchor] of read(page).matchAll(LINK)) {
      const path = target === '' ? page : posix.join(posix.dirname(page), target)
      t.true(existsSync(join(REPOSITORY, path)), link)
      if (anchor !== undefined) t.true(anchorsOf(path).has(anchor), link)
    }
  })

  test(`links - the source files that ${page} names exist`, (t) => {
    const roots = ['', 'src', dirname(page)]
    const named = [...read(page).matchAll(/`([\w/-]+\.ts)`/g)].map(([, name = '']) => name)
    t.deepEqual(
      named.filter((name) => !roots.some((root) => existsSync(join(REPOSITORY, root, name)))),
      [],
    )
  })
}

const WORKFLOWS = '.github/workflows'
const NAMING_SCRIPTS = [
  '.ci/run',
  ...PAGES,
  ...readdirSync(join(REPOSITORY, WORKFLOWS)).map((name) => `${WORKFLOWS}/${name}`),
]

/** `npm run --silent NAME`, and the two that need no `run`. */
const SCRIPT = /\bnpm (?:run (?:--\S+ )*([\w:-]+)|(start|test)\b)/g

for (const file of NAMING_SCRIPTS) {
  test(`links - the npm scripts that ${file} names exist`, (t) => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(
      read('package.json'),
    )
    const named = [...read(file).matchAll(SCRIPT)].map(([, run, other]) => run ?? other ?? '')
    t.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    )
  })
}
