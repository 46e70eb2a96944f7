/**
 * The proof that both ends of a link have a secret, from each end. It reads no socket and no clock.
 *
 *     dialer                                       acceptor
 *     offer: a nonce, in the request ─────────────►
 *            <──────────────── offer: a nonce, in the 101
 *     AUTH: claims and MAC ───────────────────────► verifies it, or ends the link
 *     verifies it, <──────────── AUTH: claims and MAC
 *     or ends the link
 */

import { randomBytes } from 'node:crypto'
import { headersOf, type Identity, identityIn } from '../wire/headers.ts'
import { decodeAuth, encodeAuth } from './auth-frame.ts'
import type { Key, Keyring } from './key.ts'
import {
  acceptorTranscript,
  type Claims,
  type DialerClaims,
  dialerTranscript,
  type Session,
} from './transcript.ts'

/** The other end has the secret. */
export interface Proven {
  /** What it says of itself; undefined for a probe, which is no peer. */
  readonly identity: Identity | undefined
  /** By which key. */
  readonly key: Key
}

/** What both ends need. */
export interface ProofContext {
  readonly keyring: Keyring
  /** What we say of ourselves; undefined for a probe. */
  readonly identity: Identity | undefined
  /** Default: 256 random bits. */
  readonly drawNonce?: () => string
}

/** The value of `certificate` without TLS. */
export const PLAIN = 'plain'

/** The name of the header with the nonce. */
export const AUTH_HEADER = 'Mesh-Auth'

const OFFER = /^1 (?<nonce>[\w-]{43})$/

/** The end that dials. */
export class DialerProof {
  /** The value of `Mesh-Auth` in the request. */
  readonly offer: string
  readonly #keyring: Keyring
  readonly #dialer: DialerClaims
  readonly #nonce: string
  #sent: { readonly session: Session; readonly key: Key; readonly mac: string } | undefined

  /** @param dialed the address that is dialed */
  constructor({ keyring, identity, drawNonce = randomNonce }: ProofContext, dialed: string) {
    this.#keyring = keyring
    this.#dialer = { dialed, claims: claimsOf(identity) }
    this.#nonce = drawNonce()
    this.offer = `1 ${this.#nonce}`
  }

  /**
   * The 101 came, with this `Mesh-Auth`. Gives the text to send, or undefined when the acceptor
   * does not prove anything.
   */
  answered(offer: unknown, certificate = PLAIN): string | undefined {
    const acceptorNonce = nonceIn(offer)
    if (acceptorNonce === undefined) return undefined
    const session = { dialerNonce: this.#nonce, acceptorNonce, certificate }
    const key = this.#keyring.first
    const mac = key.mac(dialerTranscript(session, this.#dialer))
    this.#sent = { session, key, mac }
    return encodeAuth({ ...this.#dialer, mac })
  }

  /** Whether the secret that it sent a proof of is not the one that proves any more. */
  get isOutdated(): boolean {
    return this.#sent !== undefined && this.#sent.key !== this.#keyring.first
  }

  /** The first text of the acceptor came. Undefined when it proves nothing to this keyring. */
  verify(text: string): Proven | undefined {
    const sent = this.#sent
    const message = decodeAuth(text)
    if (sent === undefined || message === undefined) return undefined
    // Its secret may have been withdrawn meanwhile.
    if (!this.#keyring.has(sent.key)) return undefined
    const { claims, mac } = message
    const dialer = { ...this.#dialer, mac: sent.mac }
    if (!sent.key.verifies(acceptorTranscript(sent.session, dialer, claims), mac)) return undefined
    const identity = identityOf(claims)
    // An acceptor is never a probe.
    return identity && { identity, key: sent.key }
  }
}

/** The end that was dialed. */
export class AcceptorProof {
  /** The value of `Mesh-Auth` in the 101. */
  readonly offer: string
  readonly #keyring: Keyring
  readonly #claims: Claims
  readonly #session: Session

  private constructor(context: ProofContext, dialerNonce: string, certificate: string) {
    const { keyring, identity, drawNonce = randomNonce } = context
    this.#keyring = keyring
    this.#claims = claimsOf(identity)
    const acceptorNonce = drawNonce()
    this.#session = { dialerNonce, acceptorNonce, certificate }
    this.offer = `1 ${acceptorNonce}`
  }

  /** Begins with the `Mesh-Auth` of a request; undefined when there is none that we understand. */
  static begin(
    context: ProofContext,
    offer: unknown,
    certificate = PLAIN,
  ): AcceptorProof | undefined {
    const nonce = nonceIn(offer)
    return nonce === undefined ? undefined : new AcceptorProof(context, nonce, certificate)
  }

  /**
   * The first text of the dialer came. Gives who it is and the text to send; undefined when it
   * proves nothing, whatever the reason.
   */
  verify(text: string): (Proven & { readonly answer: string }) | undefined {
    const dialer = decodeAuth(text)
    if (dialer === undefined) return undefined
    const key = this.#keyring.find(dialerTranscript(this.#session, dialer), dialer.mac)
    if (key === undefined) return undefined
    const identity = identityOf(dialer.claims)
    const isProbe = Object.keys(dialer.claims).length === 0
    if (identity === undefined && !isProbe) return undefined
    const claims = this.#claims
    const mac = key.mac(acceptorTranscript(this.#session, dialer, claims))
    return { identity, key, answer: encodeAuth({ dialed: '', claims, mac }) }
  }
}

function claimsOf(identity: Identity | undefined): Claims {
  return identity === undefined ? {} : headersOf(identity)
}

function identityOf(claims: Claims): Identity | undefined {
  const entries = Object.entries(claims).map(([name, value]) => [name.toLowerCase(), value])
  return identityIn(Object.fromEntries(entries))
}

function nonceIn(offer: unknown): string | undefined {
  return typeof offer === 'string' ? OFFER.exec(offer)?.groups?.['nonce'] : undefined
}

function randomNonce(): string {
  return randomBytes(32).toString('base64url')
}
