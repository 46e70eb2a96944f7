/** What the lab shows of the whole mesh, as of now, and the one line that sums it up. */

import type { Place } from '../../sim/place.ts'
import type { Process } from '../../sim/process.ts'
import { SimNode } from '../../sim/sim-node.ts'
import { type LinkState, linksOf, pairOf } from './link-view.ts'
import { isNode, listsOf, nodesOf, runningPlaces, stateOf } from './node-view.ts'
import type { Playground } from './playground.ts'

export interface MeshView {
  /** How many nodes run, frozen ones and plain peers included. A stranger is no node. */
  readonly nodes: number
  /** Pairs of which each has the other in `connectedAddresses`, and a line that was opened. */
  readonly connections: number
  readonly expected: number
  /** The numbers of the nodes that reach each other; more than one part is a partition. */
  readonly parts: readonly (readonly number[])[]
  /** The names of nodes that are frozen. */
  readonly frozen: readonly string[]
  /** Pairs of which each connection is dead, and at least one has the other in its list. */
  readonly dead: number
  /** Those of them in which each has the other in its list. */
  readonly unnoticed: number
  /** The names of nodes that have ended, and that a list still has. */
  readonly gone: readonly string[]
  readonly isComplete: boolean
}

export function meshOf(playground: Playground): MeshView {
  const places = runningPlaces(playground)
  const running = [...playground.processes.values()]
    .filter(({ place }) => places.has(place))
    .sort((a, b) => a.place.index - b.place.index)
  const all = linksOf(playground)
  const links = all.filter(({ from, to }) => places.has(from) && places.has(to))
  const pairsWith = (wanted: LinkState) =>
    new Set(links.filter(({ state }) => state === wanted).map(pairOf))
  const [open, dead] = [pairsWith('open'), pairsWith('dead')]
  const counts = { connections: 0, dead: 0, unnoticed: 0 }
  for (const [index, one] of running.entries()) {
    for (const other of running.slice(index + 1)) {
      const pair = pairOf({ from: one.place, to: other.place })
      const listed = Number(lists(one, other)) + Number(lists(other, one))
      // An old connection that is dead leaves the pair its new one.
      const isDead = dead.has(pair) && !open.has(pair)
      if (listed === 2 && (isDead || open.has(pair))) counts.connections += 1
      if (isDead && listed > 0) counts.dead += 1
      if (isDead && listed === 2) counts.unnoticed += 1
    }
  }
  const expected = (running.length * (running.length - 1)) / 2
  const parts = partsOf(playground, [...places])
  const frozen = running.filter((process) => process.frozen).map(({ name }) => name)
  const nodes = nodesOf(playground, all)
  const areComplete = running.every(
    (process) =>
      !(process instanceof SimNode) || stateOf(playground, process, nodes) === 'complete',
  )
  return {
    ...counts,
    nodes: places.size,
    expected,
    parts,
    frozen,
    gone: goneOf(playground, running),
    isComplete:
      running.length > 0 &&
      areComplete &&
      counts.connections === expected &&
      counts.dead === 0 &&
      parts.length < 2 &&
      frozen.length === 0,
  }
}

function lists(one: Process, other: Process): boolean {
  return listsOf(one)?.connectedAddresses.has(other.place.address) === true
}

/** The nodes that have ended, and that a node which runs has in its list. */
function goneOf({ processes }: Playground, running: readonly Process[]): readonly string[] {
  const nodes = running.filter((process) => process instanceof SimNode)
  return [...processes.values()]
    .filter((process) => isNode(process) && !process.alive)
    .filter((ended) => nodes.some((node) => lists(node, ended)))
    .map(({ name }) => name)
}

/** The numbers of the nodes that reach each other, in both directions. */
function partsOf({ world }: Playground, places: readonly Place[]): readonly (readonly number[])[] {
  const { network } = world
  const parts: Place[][] = []
  for (const place of places) {
    const reached = (other: Place) =>
      !network.isBlocked(place, other) && !network.isBlocked(other, place)
    const part = parts.find((members) => members.some(reached))
    if (part === undefined) parts.push([place])
    else part.push(place)
  }
  return parts.map((part) => part.map(({ index }) => index + 1).sort((a, b) => a - b))
}

/** More nodes are too many to be named. */
const NAMED_MAX = 12

/** The mesh in one short line: the first of these that is true. */
export function summaryOf(mesh: MeshView): string {
  const { connections, dead, expected, frozen, gone, isComplete, nodes, parts, unnoticed } = mesh
  if (nodes === 0) return 'No node runs'
  if (isComplete) return nodes === 1 ? 'One node' : `All ${nodes} nodes connected`
  if (parts.length > 1) {
    const count = parts.length === 2 ? 'two' : parts.length
    const list = parts.map((part) => (nodes > NAMED_MAX ? part.length : part.join(' ')))
    const unit = nodes > NAMED_MAX ? ' nodes' : ''
    return `The network is in ${count} parts: ${list.join(' | ')}${unit}`
  }
  if (frozen.length > 0) return `${namesText(frozen)} frozen`
  if (dead > 0) return `${deadText(dead)}, ${noticeText(dead, unnoticed)}`
  if (gone.length > 0) return `${namesText(gone)} gone, not noticed by all yet`
  return `${connections} of ${expected} connections`
}

/** The same for screen readers, shorter: it does not change with each connection. */
export function announcementOf(mesh: MeshView): string {
  if (mesh.nodes < 2) return summaryOf(mesh)
  return mesh.isComplete ? `All ${mesh.nodes} nodes are connected` : 'The mesh is not complete'
}

function namesText(names: readonly string[]): string {
  if (names.length > 2) return `${names.length} nodes are`
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'}`
}

function deadText(dead: number): string {
  return dead === 1 ? 'A connection is dead' : `${dead} connections are dead`
}

function noticeText(dead: number, unnoticed: number): string {
  if (unnoticed === dead) return 'not noticed yet'
  return unnoticed === 0 ? 'noticed at one end only' : `${unnoticed} of them not noticed yet`
}
