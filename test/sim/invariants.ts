/** What holds at every step, whatever peers send. */

import type { Address } from '../../src/mesh/address/address.ts'
import {
  ACCEPTED_LINKS_MAX,
  ALIASES_MAX,
  BOOK_ADDRESSES_MAX,
  DIALS_MAX,
  LINKS_PER_PEER_MAX,
  LINKS_WITHOUT_HANDSHAKE_MAX,
  QUEUE_ADDRESSES_MAX,
} from '../../src/mesh/limits.ts'
import type { Timings } from '../../src/mesh/timings.ts'
import type { SimNode } from './sim-node.ts'
import { Violation } from './violation.ts'

/** Every table is bounded, whatever peers send. @throws {Violation} */
export function checkSizes(node: SimNode): void {
  const { aliases, book, claims, dials, links, timers, queuedDials } = node.mesh.sizes()
  const linksMax = ACCEPTED_LINKS_MAX + BOOK_ADDRESSES_MAX
  atMost(node, 'dials under way', dials, DIALS_MAX)
  atMost(node, 'dials of its shell', node.dialsUnderWay, dials)
  atMost(node, 'aliases', aliases, ALIASES_MAX)
  atMost(node, 'addresses in the book', book, BOOK_ADDRESSES_MAX)
  atMost(node, 'links', links, linksMax)
  atMost(node, 'sockets without a link in its core', node.socketsHeld, links)
  atMost(node, 'claims', claims, links)
  atMost(node, 'queued dials', queuedDials, 3 * QUEUE_ADDRESSES_MAX)
  // Five for each link, one redial for each address and for each that was evicted a moment ago,
  // three for the mesh.
  atMost(node, 'timers', timers, 5 * links + 2 * BOOK_ADDRESSES_MAX + 3)
}

/** Checks that cost too much at every step: each link, every few seconds. @throws {Violation} */
export function checkLinks(node: SimNode, timings: Timings): void {
  if (node.frozen) return
  const { nowMs } = node.network.time
  const addresses = new Set<Address>()
  const peers = new Map<string, number>()
  let withoutHandshake = 0
  for (const { state, openedMs, address, identity, origin } of node.mesh.links()) {
    if (address !== undefined) addresses.add(address)
    if (state === 'awaiting-handshake' && identity === undefined) withoutHandshake += 1
    const sinceMs = Math.max(openedMs, node.thawedMs)
    const isLate = nowMs > sinceMs + timings.handshakeTimeoutMs
    if (origin.kind === 'accepted' && state === 'awaiting-handshake' && isLate) {
      throw new Violation(`${node.name} waits for a HANDSHAKE for too long`)
    }
    if (identity === undefined || origin.kind === 'dialed') continue
    const count = (peers.get(identity.id) ?? 0) + 1
    peers.set(identity.id, count)
    atMost(node, 'links from one id', count, LINKS_PER_PEER_MAX)
  }
  atMost(node, 'links without HANDSHAKE', withoutHandshake, LINKS_WITHOUT_HANDSHAKE_MAX)
  const listed = node.mesh.connectedAddresses
  if (listed.size !== addresses.size || [...listed].some((address) => !addresses.has(address))) {
    throw new Violation(`${node.name} lists other addresses than its links are bound to`)
  }
}

function atMost(node: SimNode, what: string, count: number, max: number): void {
  if (count > max) throw new Violation(`${node.name}: ${count} ${what}, at most ${max} may be`)
}
