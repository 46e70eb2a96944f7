/** What is in the binaries, and that the check of it sees when it is something else. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import test from 'ava'
import { makeBinary } from '../../build/binaries.ts'
import { checkBinary, payloadOf } from '../../build/binary-check.ts'
import { ToolError } from '../../build/command-line.ts'
import { signatureProblem } from '../../build/mac-signature.ts'
import { fetchNode, hostPlatform, platformsNamed } from '../../build/node-releases.ts'
import { makeBlob, readBlob } from '../../build/sea-blob.ts'
import { binaryFor, bundleBlob, MAKING_MS_MAX } from '../helpers/binaries.ts'
import { BUNDLE } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** One of each kind of file. */
for (const platform of [hostPlatform(), ...platformsNamed(['macos-arm64', 'win-x64'])]) {
  test.serial(`binaries - the script in ${platform.name} is node-1/index.js`, async (t) => {
    t.timeout(MAKING_MS_MAX)
    const path = await binaryFor(platform)
    const payload = payloadOf(readFileSync(path))
    if (payload === undefined) return t.fail()
    const { script, assets } = readBlob(payload)
    t.true(BUNDLE.equals(script))
    t.deepEqual([...assets.keys()], ['index.js'])
    t.true(BUNDLE.equals(assets.get('index.js') ?? Buffer.alloc(0)))
    t.is(statSync(path).mode & 0o777, 0o755)
  })
}

test.serial('binaries - the signature of macos-arm64 fits, and names nobody', async (t) => {
  t.timeout(MAKING_MS_MAX)
  const [platform] = platformsNamed(['macos-arm64'])
  if (!platform) return t.fail()
  const binary = readFileSync(await binaryFor(platform))
  t.is(signatureProblem(binary), undefined)
  const directory = binary.lastIndexOf(Buffer.from('fade0c02', 'hex'))
  // Ad hoc, as by a linker.
  t.is(binary.readUInt32BE(directory + 12), 0x2_0002)
  const name = directory + binary.readUInt32BE(directory + 20)
  t.is(binary.toString('latin1', name, binary.indexOf(0, name)), 'fullmesh')
  const last = Buffer.from(binary)
  last[directory - 100] = 255 - (last[directory - 100] ?? 0)
  t.regex(signatureProblem(last) ?? '', /^its signature does not fit page \d+$/)
  const expected = { platform, script: BUNDLE, blob: await bundleBlob() }
  t.notThrows(() => checkBinary(binary, expected))
  for (const [broken, message] of [
    [last, /^its signature does not fit page \d+$/],
    [binary.subarray(0, -1), /^it cannot be read as an executable: it ends too early$/],
  ] as const) {
    t.throws(() => checkBinary(broken, expected), { instanceOf: ToolError, message })
  }
})

test('binaries - the blob is the same every time, and tells nothing of this machine', async (t) => {
  const [one, other] = [await makeBlob(BUNDLE), await makeBlob(BUNDLE)]
  t.true(Buffer.from(one).equals(other))
  t.is(readBlob(one).codePath, '../index.js')
})

test.serial('binaries - a binary that is not what it should be is refused', async (t) => {
  t.timeout(MAKING_MS_MAX)
  const platform = hostPlatform()
  const expected = { platform, script: BUNDLE, blob: await bundleBlob() }
  const good = readFileSync(await binaryFor(platform))
  t.notThrows(() => checkBinary(good, expected))

  const refusal = (binary: Buffer, expectation = expected): string | undefined =>
    t.throws(() => checkBinary(binary, expectation), { instanceOf: ToolError })?.message
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(good)
    copy[at] = byte
    return copy
  }
  const start = good.indexOf(expected.blob)

  const plain = readFileSync(await fetchNode(platform))
  t.is(refusal(plain), 'it has no payload: it is a plain Node')
  const fuse = good.indexOf('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1')
  const unset = changed(good.indexOf(':', fuse) + 1, '0'.charCodeAt(0))
  t.is(refusal(unset), 'its fuse is not set: Node ignores the payload')
  t.is(refusal(changed(start + 1000, 0)), 'its payload differs from the blob in byte 1000')
  const script = Buffer.from(BUNDLE)
  script[2000] = 0
  t.is(refusal(good, { ...expected, script }), 'its script differs from ours in byte 2000')
  const [foreign = platform] = platformsNamed(['win-arm64'])
  t.is(
    refusal(good, { ...expected, platform: foreign }),
    `it is for ${platform.name}, not for win-arm64`,
  )
  for (const broken of [
    good.subarray(0, start + 1000),
    Buffer.alloc(0),
    Buffer.from('#!/bin/sh\n'),
  ]) {
    t.regex(refusal(broken) ?? '', /^it cannot be read as an executable: /)
  }
})

test.serial('binaries - one that is not what it should be is not there at all', async (t) => {
  t.timeout(MAKING_MS_MAX)
  const folder = temporaryFolder(t)
  const blob = await makeBlob(Buffer.from('another script'))
  await t.throwsAsync(makeBinary(hostPlatform(), { script: BUNDLE, blob }, folder), {
    instanceOf: ToolError,
    message: /^the binary for \S+ is not what it should be: its payload differs from the blob/,
  })
  t.deepEqual(readdirSync(folder), [])
})

test('binaries - a blob that is something else, or not all of it, is refused', async (t) => {
  const blob = Buffer.from(await bundleBlob())
  for (const broken of [
    Buffer.alloc(0),
    Buffer.alloc(100),
    blob.subarray(1),
    blob.subarray(0, -1),
    Buffer.concat([blob, Buffer.alloc(1)]),
  ]) {
    t.throws(() => readBlob(broken), { instanceOf: RangeError })
  }
})
