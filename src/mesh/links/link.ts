/**
 * Links, and where to find them. A link is one socket to one peer. The states of a link:
 *
 *                 dial-succeeded
 *                 ─────────────────────────────►┐
 *                                               ▼
 *     link-accepted ──► greeting ──HANDSHAKE──► ready ──► (closed, forgotten)
 *                          └──no HANDSHAKE in time──────────┘
 *
 * - greeting: accepted, and no HANDSHAKE came yet. Closed when none comes in time.
 * - ready: everything else.
 *
 * A link stands for an address when it connects us to the node there. A link to one of our nodes
 * does so from the start, whoever dialed; a link that a plain peer dialed never does: plain peers
 * expect to be dialed back. What is not here: the decision which of two links to keep
 * (duplicate-rule.ts).
 */

import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { LinkId } from '../inputs.ts'
import { LEARN_BURST, LEARN_PER_SECOND, READ_BURST, READ_PER_SECOND } from '../limits.ts'
import { TokenBucket } from '../token-bucket.ts'

/** One socket to one peer. */
export interface Link {
  readonly id: LinkId
  /**
   * Who opened it. `dialed`: we, to this address. `accepted`: the peer, from this end of a socket.
   */
  readonly origin:
    | { readonly kind: 'dialed'; readonly address: Address }
    | { readonly kind: 'accepted'; readonly remote: string }
  /** Undefined for a plain peer. */
  readonly identity: Identity | undefined
  readonly openedMs: number
  /** How fast this peer may teach us addresses. */
  readonly learnBudget: TokenBucket
  /** How much it may give us to read. */
  readonly readBudget: TokenBucket
  /** The address it stands for. */
  address: Address | undefined
  /**
   * Whether dialing `address` was seen to reach this very peer. Otherwise it is the peer's word.
   */
  verified: boolean
  state: 'greeting' | 'ready'
  lastReceivedMs: number
  /** When it was pinged for lack of any sign of life, or undefined when it has been heard since. */
  pingedMs: number | undefined
  /** When the ping was sent whose answer is awaited to measure the round trip, or undefined. */
  roundTripSinceMs: number | undefined
  /** Time from the latest ping to its answer, or undefined when none was answered yet. */
  roundTripMs: number | undefined
  /** Asked to prove that it lives, because a newer link to the same peer exists. */
  probe: 'none' | 'asked' | 'answered'
}

/** A link that was just opened and stands for nothing yet. */
export function newLink(
  id: LinkId,
  origin: Link['origin'],
  identity: Identity | undefined,
  nowMs: number,
): Link {
  return {
    id,
    origin,
    identity,
    openedMs: nowMs,
    learnBudget: new TokenBucket(LEARN_BURST, LEARN_PER_SECOND, nowMs),
    readBudget: new TokenBucket(READ_BURST, READ_PER_SECOND, nowMs),
    address: undefined,
    verified: false,
    // Only who dials has to say HANDSHAKE; a plain acceptor never does on this link.
    state: origin.kind === 'accepted' ? 'greeting' : 'ready',
    lastReceivedMs: nowMs,
    pingedMs: undefined,
    roundTripSinceMs: undefined,
    roundTripMs: undefined,
    probe: 'none',
  }
}

/**
 * Whether a plain peer opened the link. It may never read what we send, pings included, and is
 * dialed back.
 */
export function isPlainCaller(link: Link): boolean {
  return link.identity === undefined && link.origin.kind === 'accepted'
}

/** How people know the peer of a link: by its address, or else by the other end of the socket. */
export function nameOf(link: Link): string {
  if (link.address !== undefined) return link.address
  return link.origin.kind === 'dialed' ? link.origin.address : link.origin.remote
}

/** All links, by id, by peer and by address. */
export class LinkTable {
  readonly #byId = new Map<LinkId, Link>()
  readonly #byPeer = new Map<string, Link[]>()
  readonly #byAddress = new Map<Address, Link[]>()
  #accepted = 0
  readonly #silent = new Set<Link>()

  /** How many links peers opened. */
  get accepted(): number {
    return this.#accepted
  }

  /** How many of those were opened by plain peers that have not said HANDSHAKE. */
  get silent(): number {
    return this.#silent.size
  }

  /** The one that has been silent for longest. */
  get longestSilent(): Link | undefined {
    return this.#silent.values().next().value
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: LinkId): Link | undefined {
    return this.#byId.get(id)
  }

  /** All links, in the order in which they were opened. */
  all(): IterableIterator<Link> {
    return this.#byId.values()
  }

  /**
   * The links to one identity, oldest first. Who tells the same id and another address is another
   * peer: an id is no secret, and no node tells two addresses.
   */
  ofPeer(identity: Identity): readonly Link[] {
    return this.#byPeer.get(peerKeyOf(identity)) ?? []
  }

  /** The links that stand for an address, oldest first. */
  ofAddress(address: Address): readonly Link[] {
    return this.#byAddress.get(address) ?? []
  }

  add(link: Link): void {
    this.#byId.set(link.id, link)
    if (link.origin.kind === 'accepted') this.#accepted += 1
    if (link.state === 'greeting' && link.identity === undefined) this.#silent.add(link)
    if (link.identity !== undefined) append(this.#byPeer, peerKeyOf(link.identity), link)
    if (link.address !== undefined) append(this.#byAddress, link.address, link)
  }

  remove(link: Link): void {
    if (!this.#byId.delete(link.id)) return
    if (link.origin.kind === 'accepted') this.#accepted -= 1
    this.#silent.delete(link)
    if (link.identity !== undefined) detach(this.#byPeer, peerKeyOf(link.identity), link)
    if (link.address !== undefined) detach(this.#byAddress, link.address, link)
  }

  /** The peer of an accepted link said HANDSHAKE. */
  becomeReady(link: Link): void {
    if (link.state === 'ready') return
    link.state = 'ready'
    this.#silent.delete(link)
  }
}

function peerKeyOf({ id, address }: Identity): string {
  return `${id} ${address}`
}

function append<Key>(index: Map<Key, Link[]>, key: Key, link: Link): void {
  const links = index.get(key)
  if (links === undefined) index.set(key, [link])
  else links.push(link)
}

/** Removes just this link: a late end of one must not take another with it. */
function detach<Key>(index: Map<Key, Link[]>, key: Key, link: Link): void {
  const rest = (index.get(key) ?? []).filter((other) => other !== link)
  if (rest.length === 0) index.delete(key)
  else index.set(key, rest)
}
