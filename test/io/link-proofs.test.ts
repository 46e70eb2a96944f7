/** Which links of a node have proven which secret, and what becomes of them when it changes. */

import { mock } from 'node:test'
import test from 'ava'
import { WebSocket } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { WITHDRAWN_MS_MAX } from '../../src/io/limits.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { identityAt } from '../helpers/core.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const OTHER = `fm1_${'o'.repeat(43)}`

/** As `ws` makes one for a request: without a connection. */
function socketOf(): WebSocket {
  return Reflect.construct(WebSocket, [null, undefined, {}])
}

/** Proofs that have no link yet, and those of their links that had to end. */
function proofsOf() {
  const keyring = new Keyring([SECRET])
  const ended: WebSocket[] = []
  const proofs = new LinkProofs({
    keyring,
    identity: identityAt(1),
    onWithdrawn: (socket) => ended.push(socket),
  })
  const link = (): void => proofs.linked(socketOf(), keyring.first)
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
