import test from 'ava'
import { versionText } from '../../src/cli/version.ts'

const FACTS = { version: '0.1.0', runtime: 'Deno 2.9.6', platform: 'linux-x64' }

test('version - tells version, runtime and the digest of the code, a line each', (t) => {
  const code = 'ab'.repeat(32)
  t.is(
    versionText({ ...FACTS, code }),
    `fullmesh 0.1.0\nruntime  Deno 2.9.6, linux-x64\ncode     ${code}`,
  )
})

test('version - says that the digest is not known when the code came from no file', (t) => {
  t.regex(versionText({ ...FACTS, code: '' }), /\ncode {5}unknown: .*file$/)
})
