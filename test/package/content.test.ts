/** What `npm pack` makes: its files, its pages, and what other tools say of it. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import test from 'ava'
import { publint } from 'publint'
import { REPOSITORY } from '../../build/repository.ts'
import { packed } from './project.ts'

test.serial('package - has what users need and nothing else', (t) => {
  const files = readdirSync(packed().folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(packed().folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/^docs\/.*\.md$|^examples\/|^dist\/library\/.*\/.*\.d\.ts$/.test(path))
  t.deepEqual(files.sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/fullmesh.js',
    'dist/library/index.d.ts',
    'dist/library/index.js',
    'node-1/index.js',
    'package.json',
  ])
})

test.serial('package - needs no other package', (t) => {
  t.deepEqual(readdirSync(join(packed().project, 'node_modules')).filter(isVisible), ['fullmesh'])
})

function isVisible(name: string): boolean {
  return !name.startsWith('.')
}

test.serial('package - its index.js is the one that is committed', (t) => {
  const path = 'node-1/index.js'
  t.deepEqual(readFileSync(join(packed().folder, path)), readFileSync(join(REPOSITORY, path)))
})

const PICTURE = /!\[[^\]]*\]\([^)]*\)/g

test.serial('package - every link in its pages leads to a file of it', (t) => {
  const pages = readdirSync(packed().folder, { recursive: true, encoding: 'utf8' })
  for (const page of pages.filter((path) => path.endsWith('.md'))) {
    // Pictures are for those who read on the web; they would make the package twice as large.
    const text = readFileSync(join(packed().folder, page), 'utf8').replaceAll(PICTURE, '')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      t.true(existsSync(join(packed().folder, dirname(page), target)), `${page}: ${target}`)
    }
  }
})

test.serial('package - publint reports nothing', async (t) => {
  const bytes = Uint8Array.from(readFileSync(packed().archive))
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  t.deepEqual(messages, [])
})

test.serial(
  'package - arethetypeswrong finds nothing wrong with the types of an ES module',
  async (t) => {
    const archive = createPackageFromTarballData(readFileSync(packed().archive))
    const analysis = await checkPackage(archive)
    if (!('problems' in analysis)) return t.fail('no types')
    // Its profile esm-only: Node 10 knew no exports, and that CommonJS gets an ES module is known.
    const ignored = ['node10', 'node16-cjs']
    t.deepEqual(
      analysis.problems.filter(
        (problem) => !('resolutionKind' in problem && ignored.includes(problem.resolutionKind)),
      ),
      [],
    )
  },
)
