/** What is wrong with the mesh, in words, and how bad it is. Pure. */

import type { Status } from '../../status.ts'
import { type Cause, causeOf } from './causes.ts'
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

/** A sentence, and the nodes that it is about, if any. */
export interface Problem {
  readonly text: string
  /** The words of the system or of a peer, where the sentence has others. */
  readonly raw?: string
  readonly addresses: readonly string[]
}

/** More problems of one kind become one sentence. */
const SENTENCES_MAX = 2

/** What such a sentence names; the rest is a number. */
const NAMED_MAX = 3

export function healthOf(
  status: Status,
  graph: Graph,
  nameOf: (address: string) => string,
): Health {
  const absent = graph.nodes.filter(({ state }) => isAbsent(state))
  const silent = graph.nodes.filter(({ state }) => state === 'silent')
  const own = graph.indexOf(status.node.address) ?? -1
  const isReached = ({ address }: GraphNode) =>
    graph.between(own, graph.indexOf(address) ?? -1) === 'missing'
  // These have a sentence as absent nodes.
  const pairs = graph.counts.missing - absent.filter(isReached).length
  const problems = [
    ...absentProblems(absent, isReached, nameOf),
    ...silentProblems(silent, nameOf),
    ...pairProblems(missingPairs(graph), pairs, nameOf),
    ...sourceProblems(status),
    ...modeProblems(status),
  ]
  if (status.complete && pairs + silent.length === 0) {
    return { level: 'good', text: status.summary, problems }
  }
  // The tiles have the counts.
  const summary = status.summary.replace(/^\d+ of \d+ nodes connected, /, '')
  const unanswered = silent.length === 1 ? 'does not answer' : 'do not answer'
  const text = !status.complete
    ? [summary, ...(silent.length > 0 ? [`${silent.length} ${unanswered}`] : [])].join(', ')
    : silent.length > 0
      ? `${counted(silent.length, 'node')} ${unanswered}`
      : `${counted(pairs, 'connection')} missing`
  const isLost = absent.some(({ peer }) => peer !== undefined && peer.lastEnding !== null)
  return { level: isLost ? 'bad' : 'warning', text, problems }
}

/** Whether it should be connected and is not. */
export function isAbsent(state: GraphNode['state']): boolean {
  return state === 'attempting' || state === 'backing-off'
}

function absentProblems(
  absent: readonly GraphNode[],
  isReached: (node: GraphNode) => boolean,
  nameOf: (address: string) => string,
): readonly Problem[] {
  if (absent.length > SENTENCES_MAX) {
    const addresses = absent.map(({ address }) => address)
    const names = listed(addresses.slice(0, NAMED_MAX).map(nameOf), NAMED_MAX, absent.length)
    const [why = '', ...others] = new Set(absent.map((node) => causeIn(node)?.meaning))
    const reason = why === '' || others.length > 0 ? '' : `: ${why}`
    return [{ text: `${names} are missing${reason}`, addresses }]
  }
  return absent.map((node) => {
    const { address } = node
    const { meaning, raw } = causeIn(node) ?? {}
    const what = isReached(node) ? 'is not connected to this node, but to others' : 'is missing'
    // One that others reach runs, whatever such a failure usually means.
    const why = isReached(node) ? raw || meaning : meaning
    const text = `${nameOf(address)} ${what}${why ? `: ${why}` : ''}`
    return { text, addresses: [address], ...(raw && { raw }) }
  })
}

function causeIn({ peer }: GraphNode): Cause | undefined {
  return peer?.lastEnding ? causeOf(peer.lastEnding) : undefined
}

function silentProblems(
  silent: readonly GraphNode[],
  nameOf: (address: string) => string,
): readonly Problem[] {
  if (silent.length === 0) return []
  const addresses = silent.map(({ address }) => address)
  const names = listed(addresses.slice(0, NAMED_MAX).map(nameOf), NAMED_MAX, silent.length)
  const who =
    silent.length === 1 ? `${names} is connected but does` : `${names} are connected but do`
  return [
    {
      text: `${who} not answer: the program hangs, or the network fails; if it lasts, restart it`,
      addresses,
    },
  ]
}

function pairProblems(
  pairs: readonly (readonly [string, string])[],
  total: number,
  nameOf: (address: string) => string,
): readonly Problem[] {
  if (total > SENTENCES_MAX) {
    const names = pairs.slice(0, NAMED_MAX).map(([a, b]) => `${nameOf(a)} to ${nameOf(b)}`)
    return [{ text: `not connected: ${listed(names, NAMED_MAX, total)}`, addresses: pairs.flat() }]
  }
  return pairs.map((pair) => ({
    text: `${pair.map(nameOf).join(' and ')} are not connected`,
    addresses: pair,
  }))
}

/** Names that lead to no nodes: they may lead to some later. */
function sourceProblems({ sources }: Status): readonly Problem[] {
  return (sources ?? []).flatMap(({ source, problem }) =>
    problem === null ? [] : [{ text: `${source}: ${problem}`, addresses: [] }],
  )
}

/** While nodes without the secret are admitted, too. */
function modeProblems({ unproven, peers }: Status): readonly Problem[] {
  // Nodes of older versions tell nothing of it.
  if (typeof unproven !== 'number') return []
  const mode = 'SECRET_MODE=accept protects nothing'
  if (unproven === 0) return [{ text: `${mode}: all have proven the secret`, addresses: [] }]
  const addresses = peers.flatMap(({ link, address }) => (link?.key === null ? [address] : []))
  return [{ text: `${mode}: ${counted(unproven, 'connection')} not proven`, addresses }]
}

/** Those that are drawn, without those of this node to an absent one. */
function missingPairs({ nodes, lines }: Graph): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at < lines.missing.length; at += INDEXES_PER_LINE) {
    const [a, b] = [nodes[lines.missing[at] ?? 0], nodes[lines.missing[at + 1] ?? 0]]
    if (!a || !b) continue
    const other = a.state === 'own' ? b : b.state === 'own' ? a : undefined
    if (other === undefined || !isAbsent(other.state)) pairs.push([a.address, b.address])
  }
  return pairs
}
