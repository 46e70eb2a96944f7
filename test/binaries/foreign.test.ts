/**
 * What is in the binaries for other machines. It takes minutes to make them, and they are the same
 * on every machine: the job for binaries in ci.yml runs this, with the Node of that job.
 */

import { readFileSync } from 'node:fs'
import test from 'ava'
import { hostPlatform, PLATFORMS } from '../../build/node-releases.ts'
import { assertPayload, binaryFor, MAKING_MS_MAX } from '../helpers/binaries.ts'
import { signatureProblem } from '../helpers/mac-signature.ts'

const FOREIGN = PLATFORMS.filter(({ name }) => name !== hostPlatform().name)

for (const platform of FOREIGN) {
  test.serial(`binaries - ${platform.name} has node-1/index.js to run and to read`, async (t) => {
    t.timeout(MAKING_MS_MAX)
    // Which has passed checkBinary.
    assertPayload(t, await binaryFor(platform))
  })
}

for (const platform of FOREIGN.filter(({ os }) => os === 'macos')) {
  test.serial(`binaries - the signature of ${platform.name} fits, and has no signer`, async (t) => {
    t.timeout(MAKING_MS_MAX)
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
    t.throws(() => signatureProblem(binary.subarray(0, -1)), { message: 'it ends too early' })
  })
}
