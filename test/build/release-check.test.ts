/** build/release-check.ts: one version everywhere, and its notes. */

import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { disagreements, releaseNotes } from '../../build/release-check.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { run } from '../tools/run-tool.ts'

const RELEASED = '# Changelog\n\n## 0.1.0, 2026-12-01\n\n- One.\n\n## 0.0.9, 2026-11-01\n\n- Two.\n'

/** A repository that is about to release 0.1.0. */
function release(t: ExecutionContext): string {
  return temporaryFolder(t, {
    'package.json': '{ "version": "0.1.0", "type": "module" }',
    'package-lock.json': '{ "version": "0.1.0", "packages": { "": { "version": "0.1.0" } } }',
    'CHANGELOG.md': RELEASED,
    'node-1/index.js': "console.log('fullmesh 0.1.0 on Node 22.1.0')",
  })
}

test.serial('release check - one version everywhere is right, with and without a tag', (t) => {
  const folder = release(t)
  t.deepEqual(disagreements(folder), [])
  t.deepEqual(disagreements(folder, 'v0.1.0'), [])
})

for (const [path, text, line] of [
  ['package-lock.json', '{ "version": "0.0.9" }', 'package-lock.json has 0.0.9'],
  ['CHANGELOG.md', '## Unreleased\n', 'CHANGELOG.md, top heading has no version'],
  ['CHANGELOG.md', '## 0.1.1, 2026-12-01\n', 'CHANGELOG.md, top heading has 0.1.1'],
  ['node-1/index.js', "console.log('0.1.0-rc.1')", 'node-1/index.js --version has 0.1.0-rc.1'],
  ['node-1/index.js', 'throw 0', 'node-1/index.js --version has no version'],
] as const) {
  test.serial(`release check - reports that ${line}`, (t) => {
    const folder = release(t)
    writeFileSync(join(folder, path), text)
    t.true(disagreements(folder).includes(line))
  })
}

test.serial('release check - reports a tag with another version', (t) => {
  const folder = release(t)
  t.deepEqual(disagreements(folder, 'v0.1.1'), ['tag has 0.1.1'])
  t.deepEqual(disagreements(folder, 'latest'), ['tag has latest'])
})

test.serial('release check - notes are the text below the top heading', (t) => {
  t.is(releaseNotes(RELEASED), '- One.')
  t.is(releaseNotes('## 0.1.0, 2026-12-01\n\n### Fixes\n\n- One.\n'), '### Fixes\n\n- One.')
  t.throws(() => releaseNotes('# Changelog\n\n## Unreleased\n\n- One.\n'), {
    message: /'## Unreleased' on top/,
  })
})

test.serial('release check - this version is the same in all files but the changelog', (t) => {
  const others = disagreements(REPOSITORY).filter((line) => !line.startsWith('CHANGELOG.md'))
  t.deepEqual(others, [])
})

test.serial('release check - ends with 0 or 1, and prints why', async (t) => {
  const folder = release(t)
  cpSync(join(REPOSITORY, 'build'), join(folder, 'build'), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  const script = join(folder, 'build/release-check.ts')
  t.like(await run(t, script, ['v0.1.0']), { code: 0, stdout: 'all files have version 0.1.0\n' })
  t.like(await run(t, script, ['v0.1.1']), {
    code: 1,
    stderr: 'package.json has 0.1.0, but tag has 0.1.1\n',
  })
  t.like(await run(t, script, ['--notes']), { code: 0, stdout: '- One.\n' })
  t.true(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8') === RELEASED)
})
