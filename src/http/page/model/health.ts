/** What is wrong with the mesh, in words, and how bad it is. Pure. */

import type { Status } from '../../status.ts'
import { type Graph, type GraphNode, INDEXES_PER_LINE } from './graph.ts'
import { counted, listed } from './text-formats.ts'

/** `warning`: nothing is lost, but the mesh is not complete. */
export type Level = 'good' | 'warning' | 'bad'

export interface Health {
  readonly level: Level
  /** All of it in a few words: `all 10 nodes connected`, `1 missing`. */
  readonly text: string
  readonly problems: readonly Problem[]
}

/** A sentence, and the nodes that it is about. */
export interface Problem {
  readonly text: string
  readonly addresses: readonly string[]
}

/** More problems of one kind become one sentence. */
const SENTENCES_MAX = 2

export function healthOf(
  status: Status,
  graph: Graph,
  nameOf: (address: string) => string,
): Health {
  const absent = graph.nodes.filter(({ state }) => isAbsent(state))
  const pairs = missingPairs(graph)
  const problems = [
    ...absentProblems(absent, status, graph, nameOf),
    ...pairProblems(pairs, nameOf),
  ]
  if (status.complete && pairs.length === 0)
    return { level: 'good', text: status.summary, problems }
  // The tiles have the counts.
  const summary = status.summary.replace(/^\d+ of \d+ nodes connected, /, '')
  const text = status.complete ? `${counted(pairs.length, 'connection')} missing` : summary
  const isLost = absent.some(({ peer }) => peer !== undefined && peer.lastEnding !== null)
  return { level: isLost ? 'bad' : 'warning', text, problems }
}

/** Whether it should be connected and is not. */
export function isAbsent(state: GraphNode['state']): boolean {
  return state === 'attempting' || state === 'backing-off'
}

function absentProblems(
  absent: readonly GraphNode[],
  { node }: Status,
  graph: Graph,
  nameOf: (address: string) => string,
): readonly Problem[] {
  const addresses = absent.map(({ address }) => address)
  if (absent.length > SENTENCES_MAX) {
    const names = listed(addresses.map(nameOf))
    return [{ text: `${names} are missing`, addresses }]
  }
  const own = graph.indexOf(node.address) ?? -1
  return absent.map(({ address, peer }) => {
    const isReached = graph.between(own, graph.indexOf(address) ?? -1) === 'missing'
    const what = isReached ? 'is not connected to this node, but to others' : 'is missing'
    const reason = peer?.lastEnding ? `: ${peer.lastEnding.text}` : ''
    return { text: `${nameOf(address)} ${what}${reason}`, addresses: [address] }
  })
}

function pairProblems(
  pairs: readonly (readonly [string, string])[],
  nameOf: (address: string) => string,
): readonly Problem[] {
  const sentences = pairs.map((pair) => ({
    text: `${pair.map(nameOf).join(' and ')} are not connected`,
    addresses: pair,
  }))
  if (pairs.length <= SENTENCES_MAX) return sentences
  const names = listed(pairs.map(([a, b]) => `${nameOf(a)} to ${nameOf(b)}`))
  return [{ text: `not connected: ${names}`, addresses: pairs.flat() }]
}

/** Missing connections between others: those of this node are about an absent node. */
function missingPairs({ nodes, lines }: Graph): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at < lines.missing.length; at += INDEXES_PER_LINE) {
    const [a, b] = [nodes[lines.missing[at] ?? 0], nodes[lines.missing[at + 1] ?? 0]]
    if (a && b && a.state !== 'own' && b.state !== 'own') pairs.push([a.address, b.address])
  }
  return pairs
}
