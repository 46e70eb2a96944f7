/** The summary on top, and which nodes and connections are missing. */

import type { Status } from '../status.ts'
import { byId, setText } from './elements.ts'
import { type Graph, type GraphNode, INDEXES_PER_LINE } from './graph.ts'
import { countdown, counted, listed } from './text-formats.ts'

/** What the headline comes from. */
export interface HeadlineSources {
  readonly status: Status
  readonly graph: Graph
  readonly nameOf: (address: string) => string
  readonly retryInMs: (address: string) => number | undefined
}

export class Headline {
  readonly #summary = byId('summary')
  readonly #missing = byId('missing')
  readonly #own = byId('own')

  show(sources: HeadlineSources): void {
    const { status, graph } = sources
    const { node, peers, summary, complete } = status
    const isComplete = complete && graph.lines.missing.length === 0
    document.body.dataset['state'] = isComplete ? 'complete' : 'incomplete'
    setText(this.#summary, summary)
    setText(this.#missing, missingText(sources))
    setText(this.#own, `${node.address} in mesh ${node.mesh}`)
    const connected = peers.filter(({ state }) => state === 'connected').length + 1
    const expected = peers.filter(({ state }) => state !== 'gone').length + 1
    document.title = `${connected}/${expected} ${node.address.replace(/^wss?:\/\//, '')} · Fullmesh`
  }

  /** The node does not answer. The last status stays, in a lighter colour. */
  showUnreachable(): void {
    document.body.dataset['state'] = 'unreachable'
    setText(this.#summary, 'No answer from this node; trying again')
    setText(this.#missing, 'The page shows its last status.')
    document.title = document.title.replace(/^\S+/, '?')
  }

  /** The node has a version whose status this page cannot show. */
  showMismatch(): void {
    document.body.dataset['state'] = 'mismatch'
    setText(this.#summary, 'This page and its node have different versions')
    setText(this.#missing, 'Reload the page.')
  }
}

/** Which nodes are not connected, and which connections between others are missing. */
function missingText(sources: HeadlineSources): string {
  const { graph, nameOf } = sources
  const absent = graph.nodes.filter(
    ({ state }) => state === 'attempting' || state === 'backing-off',
  )
  const { missing } = graph.lines
  const pairs: string[] = []
  for (let at = 0; at < missing.length; at += INDEXES_PER_LINE) {
    const [a, b] = [graph.nodes[missing[at] ?? 0], graph.nodes[missing[at + 1] ?? 0]]
    // Those of this node are in the list of nodes.
    if (!a || !b || a.state === 'own' || b.state === 'own') continue
    pairs.push(`${nameOf(a.address)} to ${nameOf(b.address)}`)
  }
  const text = [
    absentText(absent, sources),
    pairs.length > 0 ? `Missing ${counted(pairs.length, 'connection')}: ${listed(pairs)}.` : '',
  ]
    .filter(Boolean)
    .join(' ')
  return text || completeText(graph)
}

/** That no connection is missing, when all nodes report theirs. */
function completeText({ nodes, lines }: Graph): string {
  const count = nodes.filter(({ state }) => state !== 'gone').length
  if (count === 1) return 'Start another node: it appears here.'
  const standing = (lines.own.length + lines.mutual.length + lines.half.length) / INDEXES_PER_LINE
  const expected = (count * (count - 1)) / 2
  return standing === expected ? `${counted(expected, 'connection')}, none missing.` : ''
}

function absentText(absent: readonly GraphNode[], { nameOf, retryInMs }: HeadlineSources): string {
  const [first, ...others] = absent
  if (first === undefined) return ''
  const names = listed(absent.map(({ address }) => nameOf(address)))
  if (others.length > 0) return `Not connected: ${names}, trying to reach them.`
  const restMs = retryInMs(first.address)
  const what = restMs === undefined ? 'trying to reach it' : `trying again in ${countdown(restMs)}`
  return `Not connected: ${names}, ${what}.`
}
