/**
 * Probes what answers at an address: opens a WebSocket as the dialer does, reads the identity from
 * the answer to the upgrade, or from the proof of the secret, and closes. A probe sends no
 * identity, so no node counts it as a peer or logs it above `debug`.
 */

import { Keyring } from '../auth/key.ts'
import type { Address } from '../mesh/address/address.ts'
import { DIALS_MAX } from '../mesh/limits.ts'
import type { CertificateText } from '../tls/certificate.ts'
import { mutualTls, uncheckedTls } from '../tls/client-tls.ts'
import { NORMAL_CLOSURE } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { DialFailed } from './dial-failures.ts'
import { Dialer, type DialOrder } from './dialer.ts'
import { LinkProofs, type LinkProofsOptions } from './link-proofs.ts'
import { closeInTime } from './mesh-socket.ts'

/** The result of a probe. Text in it is from the peer, and not yet safe to print. */
export type Probe =
  /** A WebSocket server; without an identity it is a plain peer. */
  { readonly kind: 'answered'; readonly identity: Identity | undefined } | DialFailed

interface Asking {
  /** Those of the mesh. */
  readonly secrets?: readonly string[]
  /** Whether peers without it may answer, too. */
  readonly secretMode?: LinkProofsOptions['mode']
  /** Whether the secret proves the certificates of peers. */
  readonly tlsPin?: 'secret' | 'none'
  /** The certificate of the node. Default: none. */
  readonly certificate?: CertificateText | undefined
  /** Where the node itself answers on this machine, whatever its certificate says. */
  readonly endpoint?: Address | undefined
}

/**
 * Probes each address once, {@link DIALS_MAX} at a time, each for `timeoutMs` at most, as the
 * dialer counts it. Resolves when all sockets are closed. Never rejects.
 *
 * @param asking as the node itself dials. Default: without a secret
 */
export async function probeAll(
  addresses: readonly Address[],
  timeoutMs: number,
  { secrets = [], secretMode: mode, tlsPin, certificate, endpoint }: Asking = {},
): Promise<ReadonlyMap<Address, Probe>> {
  const probing = { identity: undefined, onNoDescriptors: () => {} }
  const hasSecret = secrets.length > 0
  const pinsCertificates = tlsPin !== 'none'
  const proofs = hasSecret
    ? new LinkProofs({ ...probing, mode, pinsCertificates, keyring: new Keyring(secrets) })
    : undefined
  const tlsOf = (address: Address) =>
    address === endpoint ? uncheckedTls(certificate) : mutualTls(certificate)
  const dialer = new Dialer({ ...probing, proofs, tlsOf })
  const probes = new Map<Address, Probe>()
  const waiting = new Set(addresses).values()
  const probeNext = async (): Promise<void> => {
    for (const address of waiting) {
      probes.set(address, await probe(dialer, { address, policy: 'operator', timeoutMs }))
    }
  }
  await Promise.all(Array.from({ length: DIALS_MAX }, probeNext))
  return probes
}

function probe(dialer: Dialer, order: DialOrder): Promise<Probe> {
  return new Promise((resolve) => {
    dialer.dial(order, (result) => {
      if (result.kind === 'failed') return resolve(result)
      const { socket, identity } = result
      // The answer is complete; later frames do not matter, even invalid ones.
      socket.on('error', () => {})
      closeInTime(socket, NORMAL_CLOSURE, '', () => resolve({ kind: 'answered', identity }))
    })
  })
}
