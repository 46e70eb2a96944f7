/**
 * The duplicate rule: which of several links to one peer stays. Rules that go by arrival order
 * close both links in a third of simultaneous dials, because the two ends see different orders
 * (nats-server #5483, rust-libp2p #752); so the node with the larger id decides alone, by a fact
 * that both ends agree on. A dead old link must not shut out a live new one (nats-server #1399), so
 * an old link has to prove that it is alive before a newer one is closed.
 *
 * Pure; duplicates.ts acts on it.
 */

import type { MeshId } from '../../wire/headers.ts'
import { isDialedOnItsAddress, type Link } from './link.ts'

/** What to do about the links to one peer. */
export type Ruling =
  /**
   * There is nothing to decide, or the peer decides, or a dial, HANDSHAKE or answer to a ping is
   * awaited.
   */
  | { readonly kind: 'wait' }
  /** Ping this link; it has until the probe timeout to answer. */
  | { readonly kind: 'probe'; readonly link: Link }
  /** Close `extra`; `kept` stays. */
  | { readonly kind: 'close'; readonly extra: readonly Link[]; readonly kept: Link }

/**
 * The ruling for all links to one peer, oldest first. A dialed link comes before an accepted one,
 * since both ends agree on who dialed; one that was dialed on the very address that the peer
 * announces comes before all, since an id can be copied. Of several such links the newest is kept,
 * which the peer has room for; among other equals the older link: it is known to work. Nothing is
 * closed before the peer has sent HANDSHAKE on the link that is kept: it may be about to refuse it.
 *
 * @param isContested whether a dial is about to show who answers on the peer's address
 */
export function rule(
  links: readonly Link[],
  ownId: MeshId,
  peerId: MeshId,
  isContested: boolean,
): Ruling {
  const newest = links.at(-1)
  if (links.length < 2 || newest === undefined || ownId < peerId) return { kind: 'wait' }
  const keep = links.findLast(isDialedOnItsAddress) ?? links.find(isDialed) ?? links[0] ?? newest
  if (keep.state === 'awaiting-handshake') return { kind: 'wait' }
  if (isContested && !isDialedOnItsAddress(keep)) return { kind: 'wait' }
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
