/** Which links of a node have proven which secret, and what becomes of them when it changes. */

import { mock } from 'node:test'
import test from 'ava'
import { WebSocket } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { PROVEN_ADDRESSES_MAX, WITHDRAWN_MS_MAX } from '../../src/io/limits.ts'
import { LinkProofs, type LinkProofsOptions } from '../../src/io/link-proofs.ts'
import { identityAt } from '../helpers/core.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const OTHER = `fm1_${'o'.repeat(43)}`

/** As `ws` makes one for a request: without a connection. */
function socketOf(): WebSocket {
  return Reflect.construct(WebSocket, [null, undefined, {}])
}

/** Proofs that have no link yet, and those of their links that had to end. */
function proofsOf(options: Pick<LinkProofsOptions, 'mode'> = {}) {
  const keyring = new Keyring([SECRET])
  const ended: WebSocket[] = []
  const proofs = new LinkProofs({
    keyring,
    identity: identityAt(1),
    onWithdrawn: (socket) => ended.push(socket),
    ...options,
  })
  const link = (...addresses: readonly string[]): void =>
    proofs.linked(socketOf(), keyring.first, addresses)
  return { proofs, link, ended }
}

/** Carries out what is synchronous, by a clock that only `tick` moves. */
function withClock(run: (tick: (ms: number) => void) => void): void {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    run((ms) => mock.timers.tick(ms))
  } finally {
    mock.timers.reset()
  }
}

test('proofs - a secret that is removed and put back in time keeps its links', (t) => {
  withClock((tick) => {
    const { proofs, link, ended } = proofsOf()
    link()
    const before = proofs.usage()
    t.is(before[0]?.links, 1)
    proofs.replace([OTHER])
    proofs.replace([OTHER, SECRET])
    t.deepEqual(proofs.usage()[1], before[0])
    tick(WITHDRAWN_MS_MAX)
    t.deepEqual(ended, [])
  })
})

test('proofs - links of a withdrawn secret end a second each, and within the limit', (t) => {
  const most = WITHDRAWN_MS_MAX / 1_000
  for (const links of [2, most, most + 10]) {
    withClock((tick) => {
      const { proofs, link, ended } = proofsOf()
      for (let count = 0; count < links; count += 1) link()
      proofs.replace([OTHER])
      t.is(ended.length, 0)
      tick(Math.min(links * 1_000, WITHDRAWN_MS_MAX))
      t.is(new Set(ended).size, links)
      t.is(ended.length, links)
    })
  }
})

test('proofs - the oldest of too many proven addresses is accepted without a proof again', (t) => {
  const { proofs, link } = proofsOf({ mode: 'accept' })
  const addresses = Array.from({ length: PROVEN_ADDRESSES_MAX }, (_, at) => `ws://host-${at}:4001`)
  const [first, second] = addresses
  link(...addresses)
  t.true(addresses.every((address) => proofs.isRequiredOf(address)))
  t.false(proofs.isRequiredOf('ws://other:4001'))
  link('ws://other:4001')
  t.true(proofs.isRequiredOf('ws://other:4001'))
  t.false(proofs.isRequiredOf(first))
  t.true(proofs.isRequiredOf(second))
})
