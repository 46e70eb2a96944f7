/**
 * Who is connected to whom, out of what this node sees and what its peers tell. Pure: no document,
 * no clock.
 */

import type { PeerStatus, Status } from '../status.ts'

/** A node of the drawing. */
export interface GraphNode {
  readonly address: string
  readonly state: 'own' | PeerStatus['state']
  /** Undefined for the node that tells. */
  readonly peer: PeerStatus | undefined
}

/**
 * What there is between two nodes:
 * - `own`: a connection of this node.
 * - `told`: a connection that both ends tell.
 * - `half`: a connection that one end tells; the other tells nothing, or otherwise.
 * - `missing`: both are in the mesh, at least one tells its connections, and neither has the other.
 * - `absent`: the same, but one of them is connected to nobody at all: it is not just a line that
 *   is missing.
 */
export type LineKind = 'own' | 'told' | 'half' | 'missing' | 'absent'

export const LINE_KINDS: readonly LineKind[] = ['told', 'half', 'absent', 'own', 'missing']

/** Lines as pairs of indexes, one after the other: a, b, a, b. */
export type Lines = Readonly<Record<LineKind, readonly number[]>>

/** Whom a node is connected to. */
export interface Neighbours {
  readonly connected: readonly GraphNode[]
  /** Who is in the mesh and is not connected to it. */
  readonly lacking: readonly GraphNode[]
}

/** What a line adds to a list of {@link Lines}. */
export const INDEXES_PER_LINE = 2

/**
 * More lines than this of a kind are not drawn: at 200 nodes, all of them are; beyond, a disc would
 * say no more than a number. The lines of this node are always drawn.
 */
const LINES_MAX = 20_000

/** One picture of the mesh. Nodes are in the order of their addresses, numbers by their value. */
export class Graph {
  readonly nodes: readonly GraphNode[]
  readonly lines: Lines
  /** Whether some lines were left out, because there are too many. */
  readonly isCut: boolean
  readonly #indexes = new Map<string, number>()
  /** Row i, column j: whether i tells that it is connected to j. */
  readonly #told: Uint8Array
  readonly #tells: readonly boolean[]
  /** Whether it is expected to be connected to everybody: not given up. */
  readonly #isExpected: readonly boolean[]
  /** Whether anybody is connected to it, itself among them. */
  readonly #isAlive: readonly boolean[]

  constructor(status: Status) {
    this.nodes = nodesOf(status)
    const count = this.nodes.length
    for (const [index, { address }] of this.nodes.entries()) this.#indexes.set(address, index)

    const told = new Uint8Array(count * count)
    const isToldOf = new Uint8Array(count)
    for (const [from, node] of this.nodes.entries()) {
      for (const address of connectionsOf(node, status)) {
        const to = this.#indexes.get(address)
        if (to === undefined || to === from) continue
        told[from * count + to] = 1
        isToldOf[to] = 1
      }
    }
    this.#told = told
    this.#tells = this.nodes.map(({ peer, state }) => state === 'own' || tellsOf(peer) !== null)
    this.#isAlive = this.nodes.map(
      ({ state }, index) => state === 'own' || state === 'connected' || isToldOf[index] === 1,
    )
    this.#isExpected = this.nodes.map(
      ({ state }, index) => state !== 'gone' || this.#isAlive[index] === true,
    )
    const { lines, isCut } = this.#draw()
    this.lines = lines
    this.isCut = isCut
  }

  /** The place of an address in {@link nodes}, if it is there. */
  indexOf(address: string | undefined): number | undefined {
    return address === undefined ? undefined : this.#indexes.get(address)
  }

  /** What there is between two nodes; undefined for nothing, or nothing that anybody tells. */
  between(a: number, b: number): LineKind | undefined {
    const [from, to] = [this.nodes[a], this.nodes[b]]
    if (!from || !to || a === b) return undefined
    const isTold = this.#isTold(a, b)
    const isToldBack = this.#isTold(b, a)
    const own = from.state === 'own' ? isTold : to.state === 'own' ? isToldBack : undefined
    if (own === true) return 'own'
    if (isTold && isToldBack) return 'told'
    // This node knows its own connections better than a peer does.
    if (own === undefined && (isTold || isToldBack)) return 'half'
    if (!this.#isExpected[a] || !this.#isExpected[b]) return undefined
    if (!this.#tells[a] && !this.#tells[b]) return undefined
    return this.#isAlive[a] && this.#isAlive[b] ? 'missing' : 'absent'
  }

  /** Whom a node is connected to; undefined when nobody tells. */
  neighboursOf(index: number): Neighbours | undefined {
    if (!this.#tells[index] || !this.#isAlive[index]) return undefined
    const connected: GraphNode[] = []
    const lacking: GraphNode[] = []
    for (const [other, node] of this.nodes.entries()) {
      if (other === index) continue
      if (this.#isTold(index, other)) connected.push(node)
      else if (this.#isExpected[other] === true) lacking.push(node)
    }
    return { connected, lacking }
  }

  #isTold(from: number, to: number): boolean {
    return this.#told[from * this.nodes.length + to] === 1
  }

  #draw(): { lines: Lines; isCut: boolean } {
    const lines: Record<LineKind, number[]> = {
      own: [],
      told: [],
      half: [],
      missing: [],
      absent: [],
    }
    let isCut = false
    const count = this.nodes.length
    for (let a = 0; a < count; a += 1) {
      for (let b = a + 1; b < count; b += 1) {
        const kind = this.between(a, b)
        if (kind === undefined) continue
        if (kind !== 'own' && lines[kind].length >= LINES_MAX * INDEXES_PER_LINE) isCut = true
        else lines[kind].push(a, b)
      }
    }
    // Half of them would look as if the other half were missing.
    if (isCut) for (const kind of ['told', 'half', 'absent'] as const) lines[kind] = []
    return { lines, isCut }
  }
}

function nodesOf({ node, peers }: Status): readonly GraphNode[] {
  const nodes = new Map<string, GraphNode>()
  for (const peer of peers) {
    nodes.set(peer.address, { address: peer.address, state: peer.state, peer })
  }
  nodes.set(node.address, { address: node.address, state: 'own', peer: undefined })
  const { compare } = new Intl.Collator('en', { numeric: true })
  return [...nodes.values()].sort((a, b) => compare(a.address, b.address))
}

function connectionsOf({ peer }: GraphNode, { peers }: Status): readonly string[] {
  if (peer !== undefined) return tellsOf(peer) ?? []
  return peers.filter(({ state }) => state === 'connected').map(({ address }) => address)
}

/** What a peer told before it went away is not true any more. */
function tellsOf(peer: PeerStatus | undefined): readonly string[] | null {
  return peer?.state === 'connected' ? peer.connectedTo : null
}
