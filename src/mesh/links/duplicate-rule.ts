/**
 * Which of several links to one peer stays. Rules that go by arrival order lose both links in a
 * third of simultaneous dials, because the two ends see different orders (nats-server #5483,
 * rust-libp2p #752); so the node with the larger id decides alone, by a fact that both ends agree
 * on. A dead old link must never shut out a live newcomer (nats-server #1399), so an old link has
 * to prove that it lives before a newer one is closed for its sake.
 *
 * Pure: it looks at links and names what to do; duplicates.ts does it.
 */

import type { MeshId } from '../../wire/headers.ts'
import type { Link } from './link.ts'

/** What to do about the links to one peer. */
export type Ruling =
  /** There is nothing to decide, or the peer decides, or an answer to a ping is awaited. */
  | { readonly kind: 'wait' }
  /** Ping this link; it has until the probe timeout to answer. */
  | { readonly kind: 'probe'; readonly link: Link }
  /** Close `extra`; `kept` stays. */
  | { readonly kind: 'close'; readonly extra: readonly Link[]; readonly kept: Link }

/**
 * The ruling for all links to one peer, oldest first. What we dialed comes before what we accepted,
 * since both ends agree on who dialed; what we dialed at the very address that the peer calls its
 * own comes before all, since an id can be stolen by whoever has seen it. Among equals the older
 * link is kept, as it has proven to work.
 */
export function rule(links: readonly Link[], ownId: MeshId, peerId: MeshId): Ruling {
  const newest = links.at(-1)
  if (links.length < 2 || newest === undefined || ownId < peerId) return { kind: 'wait' }
  const keep = links.find(isOnItsAddress) ?? links.find(isDialed) ?? links[0] ?? newest
  const extra = links.filter((link) => link !== keep)
  const closing = { kind: 'close', extra, kept: keep } as const
  if (keep === newest) return closing
  switch (keep.probe) {
    case 'none':
      return { kind: 'probe', link: keep }
    case 'asked':
      return { kind: 'wait' }
    case 'answered':
      return closing
  }
}

function isDialed(link: Link): boolean {
  return link.origin.kind === 'dialed'
}

function isOnItsAddress(link: Link): boolean {
  return link.origin.kind === 'dialed' && link.origin.address === link.address
}
