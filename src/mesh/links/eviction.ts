/**
 * Eviction: which accepted link gives way when places run out. Never the newcomer, or strangers
 * could fill all places and keep them. The shape is that of Bitcoin Core (src/node/eviction.cpp):
 * the host with most links gives way, and there the link that has shown the least. Pure.
 */

import { LINKS_PER_PEER_MAX } from '../limits.ts'
import type { Link } from './link.ts'

/**
 * The accepted link that gives way to this one in a node that is full, or undefined. A link whose
 * address a dial has verified, or that is trusted, keeps its place. Of the others those without
 * HANDSHAKE go first, then the newest: an old link has shown more.
 */
export function leastShown(links: Iterable<Link>, newcomer: Link): Link | undefined {
  const unverified = [...links].filter(({ trusted, verified }) => !trusted && !verified)
  const candidates = ofLargestHost(unverified, newcomer)
  return candidates.find(({ state }) => state === 'awaiting-handshake') ?? candidates.at(-1)
}

/**
 * The accepted link of a peer that gives way to one more, or undefined. An id is no secret, and
 * links with a copied one must not shut out the peer. Never one that we dialed: it is the peer's
 * for certain. The oldest, since it may be dead.
 *
 * @param siblings the other links of the peer, oldest first
 */
export function surplusOf(siblings: readonly Link[], newcomer: Link): Link | undefined {
  return ofLargestHost(siblings, newcomer)[0]
}

/** Whether a peer with these links has as many as it may. */
export function isFullFor(siblings: readonly Link[]): boolean {
  return siblings.length >= LINKS_PER_PEER_MAX
}

/** Of these links the accepted ones of the host that has most of them, the newcomer counted. */
export function ofLargestHost(links: Iterable<Link>, newcomer: Link): readonly Link[] {
  const byHost = new Map<string, Link[]>()
  for (const link of links) {
    if (link === newcomer || link.origin.kind !== 'accepted') continue
    const ofHost = byHost.get(link.origin.host)
    if (ofHost === undefined) byHost.set(link.origin.host, [link])
    else ofHost.push(link)
  }
  const newHost = newcomer.origin.kind === 'accepted' ? newcomer.origin.host : undefined
  let largest: readonly Link[] = []
  let most = 0
  for (const [host, ofHost] of byHost) {
    const size = ofHost.length + (host === newHost ? 1 : 0)
    if (size <= most) continue
    most = size
    largest = ofHost
  }
  return largest
}
