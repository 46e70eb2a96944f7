/**
 * Eviction: which link gives way when places run out. Not the newcomer, or strangers could fill all
 * places and keep them. The shape is that of Bitcoin Core (src/node/eviction.cpp): the host with
 * most links gives way, and there the link that has shown the least. Pure.
 */

import { LINKS_PER_PEER_MAX, UNVERIFIED_LINKS_MIN } from '../limits.ts'
import type { Link } from './link.ts'

/**
 * The accepted link that gives way to this one in a node that is full, or undefined. Of those whose
 * address no dial has verified, the ones without HANDSHAKE go first, then the newest: an old link
 * has shown more. If few of them are left, a verified one of a host with more than the newcomer's:
 * a stranger can answer on as many addresses as it likes. Never one that is trusted.
 */
export function leastShown(links: Iterable<Link>, newcomer: Link): Link | undefined {
  const accepted = [...links].filter((link) => isAccepted(link) && !link.trusted)
  const unverified = accepted.filter(({ verified }) => !verified)
  const candidates = ofLargestHost(unverified, newcomer)
  const least = candidates.find(({ state }) => state === 'awaiting-handshake') ?? candidates.at(-1)
  if (unverified.length >= UNVERIFIED_LINKS_MIN) return least
  return newestOfLarger(accepted, newcomer) ?? least
}

/**
 * The newest link of the host that has most of these, if that has more than the host of the
 * newcomer will have; else undefined.
 */
export function newestOfLarger(links: readonly Link[], newcomer: Link): Link | undefined {
  const largest = ofLargestHost(links, newcomer)
  const { host } = newcomer.origin
  const own = links.filter(({ origin }) => origin.host === host).length
  return largest.length > own + 1 ? largest.at(-1) : undefined
}

/**
 * The accepted link of a peer that gives way to one more, or undefined. An id is no secret, and
 * links with a copied one must not shut out the peer. Never one that we dialed: it is the peer's
 * for certain. The oldest, since it may be dead.
 *
 * @param siblings the other links of the peer, oldest first
 */
export function surplusOf(siblings: readonly Link[], newcomer: Link): Link | undefined {
  return ofLargestHost(siblings.filter(isAccepted), newcomer)[0]
}

/** Whether a peer with these links has as many as it may. */
export function isFullFor(siblings: readonly Link[]): boolean {
  return siblings.length >= LINKS_PER_PEER_MAX
}

/** Of these links those of the host that has most of them, the newcomer counted. */
export function ofLargestHost(links: Iterable<Link>, newcomer: Link): readonly Link[] {
  const byHost = new Map<string, Link[]>()
  for (const link of links) {
    if (link === newcomer) continue
    const ofHost = byHost.get(link.origin.host)
    if (ofHost === undefined) byHost.set(link.origin.host, [link])
    else ofHost.push(link)
  }
  let largest: readonly Link[] = []
  let most = 0
  for (const [host, ofHost] of byHost) {
    const size = ofHost.length + (host === newcomer.origin.host ? 1 : 0)
    if (size <= most) continue
    most = size
    largest = ofHost
  }
  return largest
}

function isAccepted({ origin }: Link): boolean {
  return origin.kind === 'accepted'
}
