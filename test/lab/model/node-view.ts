/** What the lab shows of a node, as of now. */

import type { Ending } from '../../../src/mesh/events.ts'
import type { Socket } from '../../sim/network.ts'
import type { Place } from '../../sim/place.ts'
import { PlainPeer } from '../../sim/plain-peer.ts'
import type { Process } from '../../sim/process.ts'
import { SimNode } from '../../sim/sim-node.ts'
import { closeCodeText } from './close-code.ts'
import { linkedPairs, linksOf, pairOf } from './link-view.ts'
import type { Playground } from './playground.ts'

export type NodeState = 'complete' | 'incomplete' | 'frozen' | 'ended' | 'stranger'

/** Short: for the picture. */
export interface NodeMark {
  /** From 1; of a stranger, the number of no node. */
  readonly number: number
  readonly name: string
  readonly state: NodeState
  readonly isPlain: boolean
  /** The start of its id; undefined when it has none. */
  readonly id: string | undefined
  /** Of what was published for it; undefined when nothing was. */
  readonly messages: Received | undefined
}

/** One address of the address book, and what is remembered of it. */
export interface BookLine {
  readonly address: string
  readonly isKnown: boolean
  readonly text: string
}

/** What the program of a node received of what was published. */
export interface Received {
  readonly count: number
  /** How many were published since it started; one that came all the same counts, too. */
  readonly of: number
}

/** What a node received of what one process published. */
export interface MessageLine extends Received {
  readonly owner: string
  /** How many were published before it started, and did not come. */
  readonly before: number
}

/** All that the lab shows of one node. */
export interface NodeView extends NodeMark {
  readonly address: string
  readonly knownPeers: readonly string[]
  readonly connectedAddresses: readonly string[]
  readonly attemptingToConnectToAddress: readonly string[]
  readonly book: readonly BookLine[]
  readonly received: readonly MessageLine[]
  /** The nodes at the other ends of its links. */
  readonly linkedTo: readonly { readonly number: number; readonly name: string }[]
}

export function marksOf(playground: Playground): readonly NodeMark[] {
  const mesh = nodesOf(playground)
  return [...playground.processes]
    .map(([place, process]) => markOf(playground, place, process, mesh))
    .sort((a, b) => a.number - b.number)
}

function markOf(playground: Playground, place: Place, process: Process, mesh: MeshNodes): NodeMark {
  const received = receivedBy(playground, process)
  const total = (key: 'count' | 'of') => received.reduce((sum, line) => sum + line[key], 0)
  return {
    number: place.index + 1,
    name: place.name,
    state: stateOf(playground, process, mesh),
    isPlain: process instanceof PlainPeer,
    id: process instanceof SimNode ? shortId(process.identity.id) : undefined,
    messages: total('of') === 0 ? undefined : { count: total('count'), of: total('of') },
  }
}

/** As the trace has it. */
function shortId(id: string): string {
  return `${id.slice(0, 6)}…`
}

/** Which nodes run, and which pairs of places have a line that was opened. */
export interface MeshNodes {
  readonly running: ReadonlySet<Place>
  readonly linked: ReadonlySet<number>
}

export function nodesOf(playground: Playground, links = linksOf(playground)): MeshNodes {
  return { running: runningPlaces(playground), linked: linkedPairs(links) }
}

export function stateOf(
  { processes }: Playground,
  process: Process,
  { running, linked }: MeshNodes,
): NodeState {
  if (!process.alive) return 'ended'
  if (process.frozen) return 'frozen'
  if (process instanceof PlainPeer) return 'complete'
  if (!(process instanceof SimNode)) return 'stranger'
  const { connectedAddresses } = process.mesh
  // In an open mesh a stranger may be a member.
  const isComplete = [...processes].every(
    ([place, other]) =>
      other === process ||
      !isNode(other) ||
      (running.has(place)
        ? connectedAddresses.has(place.address) &&
          linked.has(pairOf({ from: process.place, to: place }))
        : !connectedAddresses.has(place.address)),
  )
  return isComplete ? 'complete' : 'incomplete'
}

/** The places of all nodes that run, frozen ones and plain peers included. */
export function runningPlaces({ processes }: Playground): ReadonlySet<Place> {
  const running = [...processes].filter(([, process]) => isNode(process) && process.alive)
  return new Set(running.map(([place]) => place))
}

export function isNode(process: Process): boolean {
  return process instanceof SimNode || process instanceof PlainPeer
}

/** All of one node; undefined when no process ever ran there. */
export function viewOf(playground: Playground, number: number): NodeView | undefined {
  const place = [...playground.processes.keys()].find(({ index }) => index === number - 1)
  const process = place && playground.processes.get(place)
  if (place === undefined || process === undefined) return undefined
  const peers = [...process.sockets].map(({ peer }: Socket) => peer.process.place)
  const lists = process.alive ? listsOf(process) : undefined
  return {
    ...markOf(playground, place, process, nodesOf(playground)),
    address: place.address,
    knownPeers: [...(lists?.knownPeers ?? [])],
    connectedAddresses: [...(lists?.connectedAddresses ?? [])],
    attemptingToConnectToAddress: [...(lists?.attemptingToConnectToAddress ?? [])],
    book: process.alive && process instanceof SimNode ? bookOf(process, playground.nowMs) : [],
    received: receivedBy(playground, process),
    linkedTo: [...new Set(peers)]
      .sort((a, b) => a.index - b.index)
      .map(({ index, name }) => ({ number: index + 1, name })),
  }
}

/** The three lists of the user stories. A stranger has none. */
export function listsOf(process: Process) {
  if (process instanceof SimNode) return process.mesh
  return process instanceof PlainPeer ? process : undefined
}

function bookOf({ mesh }: SimNode, nowMs: number): readonly BookLine[] {
  return mesh.overview(nowMs).nodes.map(({ address, known, state, lastEnding }) => {
    const ending = lastEnding?.what
    const why = ending?.kind === 'dial-failed' ? ending.reason : ending && closeText(ending.ending)
    const isUp = state.kind === 'connected'
    const waits =
      state.kind === 'backing-off'
        ? `dial again in ${Math.max(0, (state.untilMs - nowMs) / 1000).toFixed(1)} s`
        : state.kind
    const by = isUp
      ? `connected, ${state.link.dialedBy === 'us' ? 'this node dialed' : 'it dialed this node'}`
      : waits
    return { address, isKnown: known, text: isUp || why === undefined ? by : `${by}; ${why}` }
  })
}

function closeText({ by, code, reason }: Ending): string {
  if (by === 'network') return 'the connection was lost'
  return `${by === 'us' ? 'this node closed' : 'closed by peer'}: ${closeCodeText(code, reason)}`
}

function receivedBy({ world }: Playground, process: Process): readonly MessageLine[] {
  const node = process instanceof SimNode ? process.messages : undefined
  if (node === undefined) return []
  return [...(world.messages?.ledger.feeds() ?? [])].flatMap(([feed, { owner, items }]) => {
    if (items.length === 0) return []
    const missing = items.filter((_item, index) => !node.reader.hasSince(feed, index + 1, NEVER_MS))
    const before = missing.filter(({ atMs }) => atMs < node.startedMs).length
    const count = items.length - missing.length
    return [{ owner: owner.name, count, of: items.length - before, before }]
  })
}

const NEVER_MS = Number.POSITIVE_INFINITY
