/** build/verify.ts: a build depends only on the source, and other builds are reported. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { BUNDLE_PATH, updateBundle } from '../../build/bundle.ts'
import { ToolError } from '../../build/command-line.ts'
import { sameBytes, verify } from '../../build/verify.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { copyOfRepository, run } from '../tools/run-tool.ts'

test.serial('verify - two builds in different places give the same bytes', async (t) => {
  const lines: string[] = []
  // The binaries, which take minutes: the job for them in ci.yml.
  await verify([], (line) => lines.push(line))
  t.deepEqual(
    lines.map((line) => line.replace(/ +\d+\.\d kB {2}[0-9a-f]{16}$/, '')),
    [
      'same  node-1/index.js',
      'node-1/index.js is what src/ builds, and has the version of package.json',
    ],
  )
})

/** What a build can depend on by mistake, as expressions in build/bundle.ts. */
const MISTAKES: Readonly<Record<string, string>> = {
  'the clock': 'new Date().getFullYear()',
  'the time zone': 'new Date(0).getTimezoneOffset()',
  'the locale': "process.env['LANG']",
  'the user': "process.env['USER']",
  'the umask': 'process.umask()',
  'the folder': 'repository.length',
}

/** In build/bundle.ts: records the values in this build, and returns them for the bundle. */
const RECORD = (file: string): string => `
import { appendFileSync } from 'node:fs'
function recorded(values: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(values)
  appendFileSync(${JSON.stringify(file)}, text + '\\n')
  return text
}
`

test.serial('verify - reports a build that depends on its surroundings', async (t) => {
  const root = copyOfRepository(t, '')
  const record = join(root, 'record.txt')
  const builder = join(root, 'build/bundle.ts')
  const source = readFileSync(builder, 'utf8')
  const values = Object.entries(MISTAKES).map(([what, expression]) => `'${what}': ${expression}`)
  const mistaken = source.replace('[REQUIRE,', `['// ' + recorded({ ${values} }), REQUIRE,`)
  t.not(mistaken, source)
  writeFileSync(builder, `${mistaken}${RECORD(record)}`)
  await t.throwsAsync(verify([], fail, root), {
    instanceOf: ToolError,
    message: /^node-1\/index\.js is not the same twice: .* from byte \d+ on$/,
  })
  // Each of the mistakes alone makes two builds differ.
  const builds = readFileSync(record, 'utf8').trim().split('\n')
  const [one, other]: Record<string, unknown>[] = builds.map((line) => JSON.parse(line))
  t.is(builds.length, 2)
  for (const what of Object.keys(MISTAKES)) t.notDeepEqual(one?.[what], other?.[what], what)
})

test.serial('verify - reports a bundle that is not what the source builds', async (t) => {
  const root = copyOfRepository(t, '')
  writeFileSync(join(root, BUNDLE_PATH), 'something else')
  await t.throwsAsync(
    verify([], () => {}, root),
    {
      instanceOf: ToolError,
      message: /^node-1\/index\.js as committed is not the same twice: 14 and /,
    },
  )
})

test.serial('verify - reports a bundle with another version', async (t) => {
  const root = copyOfRepository(t, "console.log('fullmesh 0.0.0')")
  await updateBundle(root)
  await t.throwsAsync(
    verify([], () => {}, root),
    {
      instanceOf: ToolError,
      message: /^node-1\/index\.js has version 0\.0\.0, and package\.json \d/,
    },
  )
})

function fail(line: string): never {
  throw new Error(`reported '${line}'`)
}

test('verify - names the first byte that differs', (t) => {
  const folder = temporaryFolder(t, { a: 'abc', same: 'abc', b: 'abd', longer: 'abcd' })
  const of = (...names: string[]) => names.map((name) => join(folder, name))
  t.is(sameBytes('x', of('a', 'same')).toString(), 'abc')
  t.throws(() => sameBytes('x', of('a', 'b')), {
    message: 'x is not the same twice: 3 and 3 bytes, different from byte 2 on',
  })
  t.throws(() => sameBytes('x', of('a', 'same', 'longer')), {
    message: 'x is not the same twice: 3 and 4 bytes, different from byte 3 on',
  })
})

test('verify - refuses an unknown platform', async (t) => {
  t.deepEqual(await run(t, 'build/verify.ts', ['amiga']), {
    code: 2,
    stdout: '',
    stderr:
      "verify: platform must be one of linux-x64, linux-arm64, macos-x64, macos-arm64, win-x64, win-arm64, got 'amiga'\n",
  })
})
