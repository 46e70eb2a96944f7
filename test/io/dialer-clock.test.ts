/** Dials over TLS while clocks jump: dates of certificates prove nothing, and deadlines stay. */

import type { Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { Keyring } from '../../src/auth/key.ts'
import { Dialer } from '../../src/io/dialer.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { tcpOf } from '../../src/io/mesh-socket.ts'
import { peerHash } from '../../src/tls/peer-certificate.ts'
import { VALID_MS } from '../../src/tls/self-signed.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { anIdentity, dialBy, OTHER_ID } from '../helpers/dialer.ts'
import { serverFor } from '../helpers/server.ts'

const KEYRING = new Keyring([`fm1_${'s'.repeat(43)}`])
const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000

/** A node whose clock jumps when a connection has its certificate, before anything is proven. */
class JumpingAcceptor extends TlsAcceptor {
  readonly #onAccepted: () => void
  shownMeanwhile = ''

  constructor(nowMs: () => number, onAccepted: () => void) {
    super(undefined, nowMs)
    this.#onAccepted = onAccepted
  }

  override accept(tcp: Socket) {
    const socket = super.accept(tcp)
    this.#onAccepted()
    // Whoever connects meanwhile causes the renewal.
    this.shownMeanwhile = this.certificate.hash
    return socket
  }
}

/** Dials a node twice, and gives the certificates that it has shown. */
async function dialed(t: ExecutionContext, acceptor: TlsAcceptor) {
  const proofs = new LinkProofs({ keyring: KEYRING, identity: anIdentity(OTHER_ID) })
  const { server, port } = await serverFor(t, { tls: acceptor, proofs })
  await server.listen()
  const identity = anIdentity()
  const own = new LinkProofs({ keyring: KEYRING, identity })
  const dialer = new Dialer({ identity, onNoDescriptors: () => {}, proofs: own })
  const shown: (string | undefined)[] = []
  for (let count = 0; count < 2; count += 1) {
    const result = await dialBy(t, dialer, { address: `wss://127.0.0.1:${port}` })
    if (result.kind === 'failed') throw new Error(result.reason)
    shown.push(peerHash(tcpOf(result.socket)))
  }
  return shown
}

for (const [title, jumpMs, isRenewed] of [
  ['ten years ahead', TEN_YEARS_MS, true],
  ['ten years back', -TEN_YEARS_MS, false],
  ['to the renewal', (VALID_MS * 2) / 3, true],
] as const) {
  test(`dialer - a wall clock that is set ${title} during a proof breaks no link`, async (t) => {
    let nowMs = Date.now()
    const [first, second] = await dialed(
      t,
      new JumpingAcceptor(
        () => nowMs,
        () => {
          nowMs += jumpMs
        },
      ),
    )
    t.is(first !== second, isRenewed)
  })
}

test.serial('dialer - a machine that was suspended during a proof makes the link', async (t) => {
  const { hrtime } = process
  let sleptSeconds = 0
  const later = Object.assign(
    (): [number, number] => {
      const [seconds, nanoseconds] = hrtime()
      return [seconds + sleptSeconds, nanoseconds]
    },
    { bigint: hrtime.bigint },
  )
  t.teardown(() => {
    process.hrtime = hrtime
  })
  process.hrtime = later
  const acceptor = new JumpingAcceptor(Date.now, () => {
    sleptSeconds += 60 * 60
  })
  await t.notThrowsAsync(dialed(t, acceptor))
})
