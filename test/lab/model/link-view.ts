/** What the lab shows of connections, as of now. */

import { isCut, type Socket } from '../../sim/network.ts'
import type { Place } from '../../sim/place.ts'
import type { Playground } from './playground.ts'
import { dialerEndOf, isEnding } from './under-way.ts'

/**
 * `closing`: its close or a reset is under way. `dead`: it carries nothing any more, and at least
 * one end has no error yet.
 */
export type LinkState = 'opening' | 'open' | 'closing' | 'dead'

export interface LinkView {
  /** The dialer. */
  readonly from: Place
  readonly to: Place
  readonly state: LinkState
  /** The dialer's end; undefined while the dial has not arrived. */
  readonly end: Socket | undefined
}

/** The connections, each once, and the dials that are under way. */
export function linksOf({ processes, flights, world }: Playground): readonly LinkView[] {
  const moving = new Set<Socket>()
  const ending = new Set<Socket>()
  for (const flight of flights) {
    if (flight.dialerEnd === undefined) continue
    moving.add(flight.dialerEnd)
    if (isEnding(flight)) ending.add(flight.dialerEnd)
  }
  const stateOf = (end: Socket): LinkState | undefined => {
    const { dial, open, peer, process } = end
    if (!open && !peer.open) return moving.has(end) ? 'closing' : undefined
    if (ending.has(end) && !(open && peer.open)) return 'closing'
    if (open && dial?.isUnderWay === true) return 'opening'
    const isBlocked = world.network.isBlocked(process.place, peer.process.place)
    return isCut(end) || !open || !peer.open || isBlocked ? 'dead' : 'open'
  }
  const there = [...processes.values()].flatMap(({ sockets }) => [...sockets].map(dialerEndOf))
  const links = [...new Set([...there, ...moving])].flatMap((end): readonly LinkView[] => {
    const state = stateOf(end)
    if (state === undefined) return []
    return [{ from: end.process.place, to: end.peer.process.place, state, end }]
  })
  // A SYN that is sent again is of the same dial.
  const dialing = new Set(links.filter(({ state }) => state === 'opening').map(directionOf))
  for (const { packet, from, to } of flights) {
    if (packet.kind !== 'dial' || dialing.has(directionOf({ from, to }))) continue
    dialing.add(directionOf({ from, to }))
    links.push({ from, to, state: 'opening', end: undefined })
  }
  return links
}

/** The pairs with a line that is no dial any more, by `pairOf`. */
export function linkedPairs(links: readonly LinkView[]): ReadonlySet<number> {
  return new Set(links.filter(({ state }) => state !== 'opening').map(pairOf))
}

interface Ends {
  readonly from: Place
  readonly to: Place
}

/** More than any place has as its index. */
const INDEXES = 10_000

/** A number for a dialer and whom it dialed. */
export function directionOf({ from, to }: Ends): number {
  return from.index * INDEXES + to.index
}

/** A number for two nodes, whoever dialed. */
export function pairOf({ from, to }: Ends): number {
  return from.index < to.index ? directionOf({ from, to }) : directionOf({ from: to, to: from })
}
