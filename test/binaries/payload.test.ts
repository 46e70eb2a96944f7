/**
 * What is in the binary for this machine, and that the check of it finds when it is something else.
 */

import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { CHECKSUMS_NAME, checkBinary, makeBinary, writeChecksums } from '../../build/binaries.ts'
import { ToolError } from '../../build/command-line.ts'
import { binaryName, fetchNode, hostPlatform, platformsNamed } from '../../build/node-releases.ts'
import { assertPayload, binaryFor, MAKING_MS_MAX } from '../helpers/binaries.ts'
import { BUNDLE } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { launchProgram } from '../tools/run-tool.ts'

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1'

test.serial(
  'binaries - the one for this machine has node-1/index.js to run and to read',
  async (t) => {
    t.timeout(MAKING_MS_MAX)
    assertPayload(t, await binaryFor(hostPlatform()))
  },
)

/** Why a binary is refused; an empty text when it is not. */
async function refusal(
  t: ExecutionContext,
  path: string,
  script: Uint8Array = BUNDLE,
): Promise<string> {
  const platform = hostPlatform()
  const error = await t.throwsAsync(checkBinary(path, platform, script), { instanceOf: ToolError })
  const start = `the binary for ${platform.name} is invalid: `
  t.true(error?.message.startsWith(start), error?.message)
  return error?.message.slice(start.length) ?? ''
}

test.serial('binaries - an invalid binary is refused', async (t) => {
  t.timeout(MAKING_MS_MAX)
  const good = await binaryFor(hostPlatform())
  // Files are copied and changed in place: to read and write one takes ten times as long.
  const changed = join(temporaryFolder(t), 'binary')
  copyFileSync(good, changed)
  const file = openSync(changed, 'r+')
  writeSync(file, '0', readFileSync(good).indexOf(FUSE) + FUSE.length - 1)
  closeSync(file)
  const unset = 'its fuse is not set: Node ignores the script'
  t.is(await refusal(t, changed), unset)
  const plain = await fetchNode(hostPlatform())
  const none = 'it does not contain the script'
  t.is(await refusal(t, plain), none)
  copyFileSync(plain, changed)
  appendFileSync(changed, BUNDLE)
  t.is(await refusal(t, changed), unset)
  writeFileSync(changed, '')
  t.is(await refusal(t, changed), none)
  // It is read in pieces of 4 MiB.
  writeFileSync(changed, Buffer.concat([Buffer.alloc(2 ** 22 - 9), BUNDLE]))
  t.is(await refusal(t, changed), unset)
  const script = Buffer.from(BUNDLE)
  script[2000] = 0
  t.is(await refusal(t, good, script), none)
  // Part of our script is not our script.
  const part = BUNDLE.subarray(0, -1)
  t.regex(await refusal(t, good, part), /^it runs the code [0-9a-f]{64}, not /)
})

test.serial('binaries - one that cannot be made is not there at all', async (t) => {
  const folder = temporaryFolder(t)
  const silent = Buffer.from('exit # prints no code')
  const pack = async (script: Uint8Array, _: unknown, path: string): Promise<void> =>
    writeFileSync(path, `#!/bin/sh\n${Buffer.from(script)}\n${FUSE}`)
  await t.throwsAsync(makeBinary(hostPlatform(), silent, folder, pack), {
    instanceOf: ToolError,
    message: /^the binary for \S+ is invalid: it runs the code undefined, not /,
  })
  t.deepEqual(readdirSync(folder), [])
})

test('binaries - their checksums are what sha256sum checks', async (t) => {
  const names = platformsNamed([]).map(binaryName).sort()
  const files = Object.fromEntries(names.map((name) => [name, `of ${name}`]))
  const folder = temporaryFolder(t, { ...files, other: 'not listed' })
  t.deepEqual(await writeChecksums(folder), names)
  const words = ['--check', '--strict', CHECKSUMS_NAME]
  const { code, stdout } = await launchProgram(t, 'sha256sum', words, { cwd: folder }).exit
  t.is(code, 0)
  t.is(stdout, names.map((name) => `${name}: OK\n`).join(''))
})
