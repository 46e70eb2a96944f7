/** build/npm-package.ts: packages on demand. npm is one of the test's own: no registry is asked. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ToolError } from '../../build/command-line.ts'
import { fetchPackage, type PinnedPackage } from '../../build/npm-package.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const CONTENT = 'what is in the package'

/** What a test has: a package, the cache, and how often npm was asked. */
interface Fixture {
  readonly pinned: PinnedPackage
  readonly cache: string
  readonly asked: () => number
  /** Makes npm fail from now on. */
  readonly unplug: () => void
}

/** An npm in PATH that "downloads" one archive. */
function fixture(t: ExecutionContext): Fixture {
  const folder = temporaryFolder(t, { 'package/file': CONTENT })
  const archive = join(folder, 'archive.tgz')
  execFileSync('tar', ['-czf', archive, '-C', folder, 'package'])
  const log = join(folder, 'asked')
  writeFileSync(log, '')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const npm = join(bin, 'npm')
  // The last word is the folder to put it into.
  const script = `#!/bin/sh\necho "$2" >> '${log}'\nfor folder; do :; done\ncp '${archive}' "$folder/a.tgz"\n`
  writeFileSync(npm, script)
  chmodSync(npm, 0o755)
  const { PATH } = process.env
  process.env['PATH'] = `${bin}${delimiter}${PATH}`
  t.teardown(() => {
    process.env['PATH'] = PATH
  })
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64')
  return {
    pinned: { name: '@scope/name', version: '1.2.3', integrity: `sha512-${digest}` },
    cache: join(folder, 'cache'),
    asked: () => readFileSync(log, 'utf8').match(/^@scope\/name@1\.2\.3$/gm)?.length ?? 0,
    unplug: () => writeFileSync(npm, '#!/bin/sh\necho "no network" >&2\nexit 7\n'),
  }
}

/** Nothing may be left of what was not finished. */
function stagingIn(cache: string): readonly string[] {
  return readdirSync(cache).filter((name) => name.startsWith('.'))
}

test.serial('npm package - is fetched once and kept', async (t) => {
  const { pinned, cache, asked, unplug } = fixture(t)
  const folder = await fetchPackage(pinned, cache)
  t.is(readFileSync(join(folder, 'file'), 'utf8'), CONTENT)
  unplug()
  t.is(await fetchPackage(pinned, cache), folder)
  t.is(asked(), 1)
  t.deepEqual(stagingIn(cache), [])
})

test.serial('npm package - of another checksum is refused and not kept', async (t) => {
  const { pinned, cache } = fixture(t)
  const other = { ...pinned, integrity: `sha512-${'A'.repeat(86)}==` }
  const error = await t.throwsAsync(fetchPackage(other, cache), { instanceOf: ToolError })
  t.is(
    error?.message,
    `@scope/name@1.2.3 is not the pinned one: its checksum is ${pinned.integrity}, not ${other.integrity}`,
  )
  t.deepEqual(readdirSync(cache), [])
})

test.serial('npm package - that was changed in the cache is fetched again', async (t) => {
  const { pinned, cache, asked } = fixture(t)
  const folder = await fetchPackage(pinned, cache)
  writeFileSync(`${folder}.tgz`, 'half of an archive')
  writeFileSync(join(folder, 'file'), 'unpacked from another archive')
  await fetchPackage(pinned, cache)
  t.is(readFileSync(join(folder, 'file'), 'utf8'), CONTENT)
  t.is(asked(), 2)
})

test.serial('npm package - can be fetched twice at the same time', async (t) => {
  const { pinned, cache } = fixture(t)
  const folders = await Promise.all([1, 2, 3].map(() => fetchPackage(pinned, cache)))
  t.is(new Set(folders).size, 1)
  for (const folder of folders) t.is(readFileSync(join(folder, 'file'), 'utf8'), CONTENT)
  t.deepEqual(stagingIn(cache), [])
})

test.serial('npm package - that npm cannot get is an error with what npm said', async (t) => {
  const { pinned, cache, unplug } = fixture(t)
  unplug()
  await t.throwsAsync(fetchPackage(pinned, cache), {
    instanceOf: ToolError,
    message: 'npm pack ended with exit code 7: no network',
  })
  t.deepEqual(readdirSync(cache), [])
})

test.serial('npm package - without npm is an error in one line', async (t) => {
  const { pinned, cache } = fixture(t)
  process.env['PATH'] = join(cache, 'nothing')
  await t.throwsAsync(fetchPackage(pinned, cache), {
    instanceOf: ToolError,
    message: 'npm pack cannot be started (spawn npm ENOENT)',
  })
  t.deepEqual(readdirSync(cache), [])
})
