/**
 * Which nodes are connected, from the connections of this node and those that its peers report.
 * Pure: no document, no clock.
 */

import type { OwnStatus, PeerStatus, Status } from '../../status.ts'

/** A node of the drawing. */
export interface GraphNode {
  readonly address: string
  /** `silent`: connected, but nothing comes from it. */
  readonly state: 'own' | 'silent' | PeerStatus['state']
  /** Undefined for this node. */
  readonly peer: PeerStatus | undefined
  /** What it tells of itself. Undefined from a node of an older version. */
  readonly data: OwnStatus['data'] | undefined
}

/**
 * The line between two nodes:
 * - `own`: a connection of this node.
 * - `mutual`: a connection that both ends report.
 * - `half`: a connection that one end reports; the other one reports nothing.
 * - `missing`: both are in the mesh, and at least one reports that it has no connection to the
 *   other.
 * - `absent`: the same, but no node is connected to one of them.
 */
export type LineKind = 'own' | 'mutual' | 'half' | 'missing' | 'absent'

export const LINE_KINDS: readonly LineKind[] = ['mutual', 'half', 'absent', 'own', 'missing']

/** Lines as pairs of indexes, one after the other: a, b, a, b. */
export type Lines = Readonly<Record<LineKind, readonly number[]>>

/** The connections of a node. */
export interface Neighbours {
  readonly connected: number
  /** Nodes of the mesh that it is not connected to. */
  readonly missing: readonly GraphNode[]
  /** Whether one of these is there: no node lacks by its own fault one that is away. */
  readonly lacksLine: boolean
}

/** Entries of one line in {@link Lines}. */
export const INDEXES_PER_LINE = 2

/** From so many nodes on, lines fill the oval: only those of one node and the missing are drawn. */
export const CROWD = 20

/**
 * Of so many connections or more, a node reports this many, drawn by lot: `HANDSHAKE_ADDRESSES_MAX`
 * without its own address.
 */
export const REPORTED_MAX = 999

/** Most missing lines that are drawn. A thousand nodes can lack half a million for a moment. */
export const MISSING_LINES_MAX = 20_000

/** The mesh at one moment. Nodes are in the order of their addresses, numbers by their value. */
export class Graph {
  readonly nodes: readonly GraphNode[]
  /** Those that the circle shows. A {@link CROWD} has no `mutual`, `half` and `absent` ones. */
  readonly lines: Lines
  /** How many lines of each kind there are, also of those that are left out. */
  readonly counts: Readonly<Record<LineKind, number>>
  /** All pairs of nodes that should be connected, also those of which nothing is reported. */
  readonly pairs: number
  readonly #indexes = new Map<string, number>()
  readonly #own: number
  /** Found when asked for first: a table asks for all, again and again. */
  readonly #neighbours = new Map<number, Neighbours | undefined>()
  /** Row i, column j: whether i reports a connection to j. */
  readonly #reported: Uint8Array
  /** Whether it reports its connections. */
  readonly #reports: readonly boolean[]
  /** Whether it reports all of them, so that it has none to a node that it does not name. */
  readonly #reportsAll: readonly boolean[]
  /** Whether it should be connected to all others: not given up. */
  readonly #isExpected: readonly boolean[]
  /** Whether any node is connected to it. */
  readonly #isAlive: readonly boolean[]

  constructor(status: Status) {
    this.nodes = nodesOf(status)
    const count = this.nodes.length
    for (const [index, { address }] of this.nodes.entries()) this.#indexes.set(address, index)
    this.#own = this.indexOf(status.node.address) ?? -1

    const reported = new Uint8Array(count * count)
    const isReached = new Uint8Array(count)
    for (const [from, node] of this.nodes.entries()) {
      for (const address of connectionsOf(node, status)) {
        const to = this.#indexes.get(address)
        if (to === undefined || to === from) continue
        reported[from * count + to] = 1
        isReached[to] = 1
      }
    }
    this.#reported = reported
    this.#reports = this.nodes.map(({ peer, state }) => state === 'own' || reportOf(peer) !== null)
    this.#reportsAll = this.nodes.map(({ peer, state }) => {
      return state === 'own' || (reportOf(peer)?.length ?? REPORTED_MAX) < REPORTED_MAX
    })
    this.#isAlive = this.nodes.map(({ state }, index) => isHere(state) || isReached[index] === 1)
    this.#isExpected = this.nodes.map(
      ({ state }, index) => state !== 'gone' || this.#isAlive[index] === true,
    )
    const expected = this.#isExpected.filter(Boolean).length
    this.pairs = (expected * (expected - 1)) / 2
    const { lines, counts } = this.#draw()
    this.lines = lines
    this.counts = counts
  }

  /** The index of an address in {@link nodes}, if it is there. */
  indexOf(address: string | undefined): number | undefined {
    return address === undefined ? undefined : this.#indexes.get(address)
  }

  /** The line between two nodes; undefined when there is none or none is known. */
  between(a: number, b: number): LineKind | undefined {
    const { length } = this.nodes
    if (a === b || Math.min(a, b) < 0 || Math.max(a, b) >= length) return undefined
    const isReported = this.#isReported(a, b)
    const isReportedBack = this.#isReported(b, a)
    if (a === this.#own || b === this.#own) {
      // What this node has counts more than what a peer reports.
      if (a === this.#own ? isReported : isReportedBack) return 'own'
    } else if (isReported && isReportedBack) {
      return 'mutual'
    } else if ((isReported && !this.#reportsAll[b]) || (isReportedBack && !this.#reportsAll[a])) {
      return 'half'
    }
    if (!this.#isExpected[a] || !this.#isExpected[b]) return undefined
    if (!this.#reportsAll[a] && !this.#reportsAll[b]) return undefined
    return this.#isAlive[a] && this.#isAlive[b] ? 'missing' : 'absent'
  }

  /** The connections of a node; undefined when it reports none. */
  neighboursOf(index: number): Neighbours | undefined {
    if (!this.#neighbours.has(index)) this.#neighbours.set(index, this.#findNeighbours(index))
    return this.#neighbours.get(index)
  }

  #findNeighbours(index: number): Neighbours | undefined {
    if (!this.#reports[index] || !this.#isAlive[index]) return undefined
    const missing: GraphNode[] = []
    let connected = 0
    let lacksLine = false
    // A table asks for each of a thousand nodes.
    const { length } = this.nodes
    for (let other = 0; other < length; other += 1) {
      const node = this.nodes[other]
      if (other === index || node === undefined) continue
      const line = this.between(index, other)
      if (this.#isReported(index, other) || line === 'half') {
        connected += 1
      } else if (this.#isExpected[other] === true && line !== undefined) {
        missing.push(node)
        lacksLine ||= line === 'missing'
      }
    }
    return { connected, missing, lacksLine }
  }

  #isReported(from: number, to: number): boolean {
    return this.#reported[from * this.nodes.length + to] === 1
  }

  #draw() {
    const counts = { own: 0, mutual: 0, half: 0, missing: 0, absent: 0 }
    const lines: Record<LineKind, number[]> = {
      own: [],
      mutual: [],
      half: [],
      missing: [],
      absent: [],
    }
    const count = this.nodes.length
    const others = count < CROWD ? Number.POSITIVE_INFINITY : 0
    const most = {
      own: count,
      mutual: others,
      half: others,
      missing: MISSING_LINES_MAX,
      absent: others,
    }
    for (let a = 0; a < count; a += 1) {
      for (let b = a + 1; b < count; b += 1) {
        const kind = this.between(a, b)
        if (kind === undefined) continue
        if (counts[kind] < most[kind]) lines[kind].push(a, b)
        counts[kind] += 1
      }
    }
    return { lines, counts }
  }
}

function nodesOf({ node, peers }: Status): readonly GraphNode[] {
  const nodes = new Map<string, GraphNode>()
  for (const peer of peers) {
    const { address, link } = peer
    nodes.set(address, { address, state: stateOf(peer), peer, data: link?.data })
  }
  const { address, data } = node
  nodes.set(address, { address, state: 'own', peer: undefined, data })
  const { compare } = new Intl.Collator('en', { numeric: true })
  return [...nodes.values()].sort((a, b) => compare(a.address, b.address))
}

/** One that was lost is missing until it is connected again, also while it is dialed. */
function stateOf({ state, link, lastEnding }: PeerStatus): Exclude<GraphNode['state'], 'own'> {
  if (state === 'connected' && link?.silent === true) return 'silent'
  return state === 'attempting' && lastEnding !== null ? 'backing-off' : state
}

/** Whether this node is connected to it, or is it. */
export function isHere(state: GraphNode['state']): boolean {
  return state === 'own' || state === 'connected' || state === 'silent'
}

function connectionsOf({ peer }: GraphNode, { peers }: Status): readonly string[] {
  if (peer !== undefined) return reportOf(peer) ?? []
  return peers.filter(({ state }) => state === 'connected').map(({ address }) => address)
}

/** A report from before the connection closed is out of date. */
function reportOf(peer: PeerStatus | undefined): readonly string[] | null {
  return peer?.state === 'connected' ? peer.connectedTo : null
}
