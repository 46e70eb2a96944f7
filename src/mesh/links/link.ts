/**
 * A link: one socket to one peer, and the transitions of its state.
 *
 *     dial-succeeded ──► awaiting-handshake ──HANDSHAKE──► ready ──► (closed, forgotten)
 *     link-accepted ──► awaiting-handshake ──HANDSHAKE──► ready
 *                               └── no HANDSHAKE in time ──► (closed)
 *
 * A dialed link has no time limit, since liveness ends it; one to a plain peer is ready at once.
 *
 * A link is bound to an address when it connects us to the node there. A link to one of our nodes
 * does so from the start; a link that a plain peer dialed never does: plain peers expect to be
 * dialed back.
 */

import { TokenBucket } from '../../structures/token-bucket.ts'
import type { Identity } from '../../wire/headers.ts'
import { type Address, hostOf } from '../address/address.ts'
import { hostOfIp } from '../address/ip.ts'
import { isLoopbackHost } from '../address/scope.ts'
import type { LinkId } from '../inputs.ts'
import {
  LEARN_BURST,
  LEARN_PER_SECOND,
  READ_BURST,
  READ_PER_SECOND,
  SILENT_SHOWN_MS,
} from '../limits.ts'

/** One socket to one peer. Its state changes by the functions of this file only. */
export interface Link {
  readonly id: LinkId
  /**
   * `dialed`: we dialed `address`. `accepted`: the peer dialed us from `remote`; `dialedHost` is
   * the host that it claims to have dialed. `host`: that of the peer, by its IP.
   */
  readonly origin:
    | { readonly kind: 'dialed'; readonly address: Address; readonly host: string }
    | {
        readonly kind: 'accepted'
        readonly remote: string
        readonly host: string
        readonly dialedHost?: string | undefined
      }
  /** Undefined for a plain peer. */
  readonly identity: Identity | undefined
  /** Whether the peer has proven the secret: it is an honest node, and its id is its own. */
  readonly trusted: boolean
  readonly openedMs: number
  /** How many addresses the peer may make us remember. */
  readonly learnBudget: TokenBucket
  /** How many addresses and messages the peer may make us read. */
  readonly readBudget: TokenBucket
  /** The address that it is bound to. */
  address: Address | undefined
  /** Whether a dial of `address` reached this very peer. Otherwise it is the peer's claim. */
  verified: boolean
  state: 'awaiting-handshake' | 'ready'
  lastReceivedMs: number
  /** `CoreContext.lateMs` at that time. */
  lateMs: number
  /** When it was pinged because it was silent; undefined once anything was received since. */
  pingedMs: number | undefined
  /** When the ping was sent that measures the round trip; undefined when none is open. */
  roundTripSinceMs: number | undefined
  /** The latest round trip, or undefined. */
  roundTripMs: number | undefined
  /** Whether it was asked to prove that it is alive, because a newer link to its peer exists. */
  probe: 'none' | 'asked' | 'answered'
  /** What the peer told of itself on it, as text; undefined before. */
  data: string | undefined
}

/** A link that was just opened and is bound to no address. */
export function newLink(
  id: LinkId,
  origin: Link['origin'],
  identity: Identity | undefined,
  nowMs: number,
  trusted = false,
): Link {
  return {
    id,
    origin,
    identity,
    trusted,
    openedMs: nowMs,
    learnBudget: new TokenBucket(LEARN_BURST, LEARN_PER_SECOND, nowMs),
    readBudget: new TokenBucket(READ_BURST, READ_PER_SECOND, nowMs),
    address: undefined,
    verified: false,
    // A plain acceptor sends none on this link.
    state: origin.kind === 'dialed' && identity === undefined ? 'ready' : 'awaiting-handshake',
    lastReceivedMs: nowMs,
    lateMs: 0,
    pingedMs: undefined,
    roundTripSinceMs: undefined,
    roundTripMs: undefined,
    probe: 'none',
    data: undefined,
  }
}

/** Whether the peer is on this machine, as far as a socket shows. */
export function isOnThisMachine({ origin }: Readonly<Link>): boolean {
  return isLoopbackHost(origin.host)
}

/** Whether the peer is on the host of the address that it is bound to, if that is an IP. */
export function isFromItsHost({ address, origin }: Readonly<Link>): boolean {
  return address !== undefined && hostOfIp(hostOf(address)) === origin.host
}

/** Whether a plain peer dialed. It may never read what we send, pings included. */
export function isPlainCaller(link: Readonly<Link>): boolean {
  return link.identity === undefined && link.origin.kind === 'accepted'
}

/** Whether we dialed it on the very address that it is bound to. */
export function isDialedOnItsAddress({ origin, address }: Readonly<Link>): boolean {
  return origin.kind === 'dialed' && origin.address === address
}

/** The peer of a link for people: its address, or else the other end of the socket. */
export function nameOf({ address, origin }: Readonly<Link>): string {
  if (address !== undefined) return address
  return origin.kind === 'dialed' ? origin.address : origin.remote
}

/** It is bound to an address from now on. */
export function becomeConnected(link: Link, address: Address, verified: boolean): void {
  link.address = address
  link.verified = verified
}

/** The peer has sent HANDSHAKE. */
export function becomeReady(link: Link): void {
  link.state = 'ready'
}

/** A dial of its address reached its peer. */
export function becomeVerified(link: Link): void {
  link.verified = true
}

/** What verified its address is gone. */
export function becomeUnverified(link: Link): void {
  link.verified = false
}

/** It was opened, or anything was received: the peer is alive. */
export function received(link: Link, nowMs: number, lateMs: number): void {
  link.lastReceivedMs = nowMs
  link.lateMs = lateMs
  link.pingedMs = undefined
}

/** A ping was sent because the link was silent. */
export function pingedForSilence(link: Link, nowMs: number): void {
  link.pingedMs = nowMs
}

/** A ping is sent. Of several, the first pong answers the first. */
export function roundTripBegan(link: Link, nowMs: number): void {
  link.roundTripSinceMs ??= nowMs
}

/** A pong has come. Returns the round trip in ms, or undefined for a pong without a ping. */
export function roundTripEnded(link: Link, nowMs: number): number | undefined {
  if (link.roundTripSinceMs === undefined) return undefined
  link.roundTripMs = nowMs - link.roundTripSinceMs
  link.roundTripSinceMs = undefined
  return link.roundTripMs
}

/** Whether a ping is unanswered, and nothing else was received, for so long that it is shown. */
export function isSilent(link: Readonly<Link>, nowMs: number): boolean {
  const { lastReceivedMs, roundTripSinceMs } = link
  if (roundTripSinceMs === undefined) return false
  return nowMs > Math.max(lastReceivedMs, roundTripSinceMs) + SILENT_SHOWN_MS
}

/** An answer to a ping was asked for, has come, or is no longer of use. */
export function probeBecame(link: Link, probe: Link['probe']): void {
  link.probe = probe
}

/** The peer told all that it tells of itself. */
export function toldData(link: Link, text: string): void {
  link.data = text
}
