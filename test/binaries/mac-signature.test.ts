/**
 * build/mac-signature.ts: whether signatures fit. Without a Mac, the valid signature is the
 * one that Node's own Mac binary comes with, made by Apple's tools.
 */

import { readFileSync } from 'node:fs'
import test from 'ava'
import { ToolError } from '../../build/command-line.ts'
import { signAdHoc } from '../../build/mac-signature.ts'
import { fetchNode, platformsNamed } from '../../build/node-releases.ts'
import { MAKING_MS_MAX } from '../helpers/binaries.ts'
import { signatureProblem } from '../helpers/mac-signature.ts'

const [PLATFORM] = platformsNamed(['macos-arm64'])

test.serial('mac signature - the one by Apple is read, and every bit matters', async (t) => {
  t.timeout(MAKING_MS_MAX)
  if (!PLATFORM) return t.fail()
  const node = readFileSync(await fetchNode(PLATFORM))
  t.is(signatureProblem(node), undefined)
  for (const page of [0, 1000]) {
    const changed = Buffer.from(node)
    changed[page * 4096 + 100] = 255 - (changed[page * 4096 + 100] ?? 0)
    t.is(signatureProblem(changed), `its signature does not fit page ${page}`)
  }
  t.throws(() => signAdHoc(node, 'name'), { instanceOf: ToolError, message: 'it has a signature' })
})
