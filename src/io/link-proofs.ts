/**
 * The proofs of all links of a node that has a secret: makes them, counts links by key, and ends
 * those whose secret was withdrawn.
 */

import type { WebSocket } from 'ws'
import type { Key, Keyring } from '../auth/key.ts'
import { AcceptorProof, DialerProof, type ProofContext } from '../auth/proof.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import { PROVEN_ADDRESSES_MAX, WITHDRAWN_MS_MAX } from './limits.ts'

/** How many links were proven by a key. */
export interface KeyUse {
  /** Its fingerprint. */
  readonly key: string
  readonly links: number
}

export interface LinkProofsOptions extends ProofContext {
  /** `accept`: a peer that does not prove the secret is linked as well. Default `require`. */
  readonly mode?: 'require' | 'accept' | undefined
  /**
   * Whether a proof covers the certificate of the link. Otherwise an authority has to sign it.
   * Default true.
   */
  readonly pinsCertificates?: boolean | undefined
  /** The link of this socket has to end: its secret is not one of ours any more. */
  readonly onWithdrawn?: (socket: WebSocket) => void
}

/** Between two links that end, in ms. */
const WITHDRAWN_PAUSE_MS = 1_000

export class LinkProofs {
  readonly #options: LinkProofsOptions
  readonly #keyring: Keyring
  readonly #links = new Map<WebSocket, Key>()
  readonly #unproven = new Set<WebSocket>()
  /** Where peers are that have proven the secret. */
  readonly #provenAddresses = new BoundedMap<string, true>(PROVEN_ADDRESSES_MAX)

  constructor(options: LinkProofsOptions) {
    this.#options = options
    this.#keyring = options.keyring
  }

  /** Whether an HTTP client has this from the secret. */
  isToken(text: string): boolean {
    return this.#keyring.isToken(text)
  }

  /** For a dial of an address. */
  dialing(address: string): DialerProof {
    return new DialerProof(this.#options, address)
  }

  /**
   * For a request with this `Mesh-Auth`; undefined when it proves nothing.
   *
   * @param certificate the hash of ours, undefined without TLS
   */
  accepting(offer: unknown, certificate: string | undefined): AcceptorProof | undefined {
    return AcceptorProof.begin(this.#options, offer, this.#pins ? certificate : undefined)
  }

  /** Whether the proof of a dial covers the certificate that the peer shows. */
  pinsAt(address: string): boolean {
    return this.#pins && address.startsWith('wss:')
  }

  get #pins(): boolean {
    return this.#options.pinsCertificates !== false
  }

  /**
   * Whether the peer at an address has to prove the secret. Where others are accepted, only one
   * that has done so before: whoever takes its address, or stands in between, has not got it.
   */
  isRequiredOf(address: string | undefined): boolean {
    if (this.#options.mode !== 'accept') return true
    return address !== undefined && this.#provenAddresses.get(address) !== undefined
  }

  /**
   * A socket became a link.
   *
   * @param key by which it has proven the secret; undefined when it has not
   * @param addresses where its peer is
   */
  linked(
    socket: WebSocket,
    key: Key | undefined,
    addresses: readonly (string | undefined)[] = [],
  ): void {
    if (key === undefined) {
      this.#unproven.add(socket)
      socket.once('close', () => this.#unproven.delete(socket))
      return
    }
    for (const address of addresses) {
      if (address !== undefined) this.#provenAddresses.set(address, true)
    }
    this.#links.set(socket, key)
    socket.once('close', () => this.#links.delete(socket))
  }

  /** By which a link has proven the secret, if it has. */
  keyOf(socket: WebSocket): Key | undefined {
    return this.#links.get(socket)
  }

  /** How many links have not proven the secret. */
  get unprovenLinks(): number {
    return this.#unproven.size
  }

  /** All keys, the one that proves first, with the links of each. */
  usage(): readonly KeyUse[] {
    const links = [...this.#links.values()]
    return this.#keyring.keys.map(({ fingerprint: key }) => {
      return { key, links: links.filter(({ fingerprint }) => fingerprint === key).length }
    })
  }

  /** Takes other secrets. Links of secrets that are not among them end within a minute. */
  replace(secrets: readonly string[]): void {
    this.#keyring.replace(secrets)
    const withdrawn = [...this.#links.keys()].filter((socket) => this.#isWithdrawn(socket))
    const spreadMs = Math.min(WITHDRAWN_MS_MAX, withdrawn.length * WITHDRAWN_PAUSE_MS)
    for (const socket of withdrawn) {
      setTimeout(() => {
        if (this.#isWithdrawn(socket)) this.#options.onWithdrawn?.(socket)
      }, Math.random() * spreadMs).unref()
    }
  }

  #isWithdrawn(socket: WebSocket): boolean {
    const key = this.#links.get(socket)
    return key !== undefined && !this.#keyring.has(key)
  }
}
