/** What 100,000 wrong proofs cost: time in proportion, and no memory. */

import test from 'ava'
import { Keyring } from '../../src/auth/key.ts'
import { AcceptorProof, DialerProof } from '../../src/auth/proof.ts'
import { SECRETS_MAX } from '../../src/config/setting-values.ts'
import { SECRET_PROBLEMS_MAX } from '../../src/io/limits.ts'
import { SecretProblems } from '../../src/io/secret-problems.ts'
import { type Identity, parseMeshId } from '../../src/wire/headers.ts'

const COUNT = 100_000

const RING = new Keyring(
  Array.from({ length: SECRETS_MAX }, (_, index) => `fm1_${String(index).repeat(43)}`),
)
const WRONG_RING = new Keyring([`fm1_${'w'.repeat(43)}`])

function identity(): Identity {
  const id = parseMeshId('1'.repeat(32))
  if (id === undefined) throw new Error('32 hex digits are an id')
  const address = 'ws://localhost:4001'
  return { version: '1', mesh: 'default', id, address, code: '', messages: true }
}

test('wrong proofs - 100,000 of them take less than 0.2 ms of processor time each, and no memory', (t) => {
  t.timeout(180_000)
  const own = identity()
  const wrong = new DialerProof({ keyring: WRONG_RING, identity: own }, own.address)
  const sentFor = ({ offer }: AcceptorProof): string => wrong.answered(offer) ?? ''
  const tryOne = (): boolean => {
    const accepting = AcceptorProof.begin({ keyring: RING, identity: own }, wrong.offer)
    return accepting?.verify(sentFor(accepting)) !== undefined
  }
  for (let n = 0; n < 1_000; n += 1) tryOne()
  const heapBytes = process.memoryUsage().heapUsed
  const before = process.cpuUsage()
  let proven = 0
  for (let n = 0; n < COUNT; n += 1) if (tryOne()) proven += 1
  const { user, system } = process.cpuUsage(before)
  t.is(proven, 0)
  t.true((user + system) / COUNT < 200, `${(user + system) / COUNT} µs each`)
  // Garbage, which is collected when the heap has grown by some MiB.
  const grownMiB = (process.memoryUsage().heapUsed - heapBytes) / 1024 / 1024
  t.true(grownMiB < 64, `${grownMiB} MiB more`)
})

test('wrong proofs - of 100,000 hosts so many are named, and remembered', (t) => {
  const told: string[] = []
  const problems = new SecretProblems((peer) => told.push(peer))
  for (let n = 0; n < COUNT; n += 1) problems.report(`host ${n}`, 'differs')
  for (let n = 0; n < COUNT; n += 1) problems.report(`host ${n}`, 'differs')
  t.is(told.length, SECRET_PROBLEMS_MAX)
})
