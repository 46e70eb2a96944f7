/** The words on top: how the mesh stands, and who or what is missing. */

import type { Status } from '../status.ts'
import { byId, setText } from './elements.ts'
import { type Graph, type GraphNode, INDEXES_PER_LINE } from './graph.ts'
import { countdown, counted, listed } from './words.ts'

/** What the words are made of. */
export interface Story {
  readonly status: Status
  readonly graph: Graph
  readonly nameOf: (address: string) => string
  readonly retryInMs: (address: string) => number | undefined
}

export class Headline {
  readonly #summary = byId('summary')
  readonly #missing = byId('missing')
  readonly #own = byId('own')

  /** How it stands. */
  show(story: Story): void {
    const { status, graph } = story
    const { node, peers, summary, complete } = status
    document.body.dataset['state'] = complete && !isBroken(graph) ? 'complete' : 'incomplete'
    setText(this.#summary, summary)
    setText(this.#missing, missingWords(story))
    setText(this.#own, `${node.address} in mesh ${node.mesh}`)
    const connected = peers.filter(({ state }) => state === 'connected').length + 1
    const wanted = peers.filter(({ state }) => state !== 'gone').length + 1
    document.title = `${connected}/${wanted} ${node.address.replace(/^wss?:\/\//, '')} · Fullmesh`
  }

  /** The node does not answer. What was seen last stays, but fades. */
  showSilence(): void {
    document.body.dataset['state'] = 'silent'
    setText(this.#summary, 'This node does not answer; trying again')
    setText(this.#missing, 'What you see below is how it was.')
    document.title = document.title.replace(/^\S+/, '?')
  }

  /** The node is of a version that this page does not understand. */
  showStranger(): void {
    document.body.dataset['state'] = 'silent'
    setText(this.#summary, 'This page is older than its node')
    setText(this.#missing, 'Load it again.')
  }
}

function isBroken({ lines }: Graph): boolean {
  return lines.missing.length > 0
}

/** Who is not connected, and which of the others lack each other. */
function missingWords(story: Story): string {
  const { graph, nameOf } = story
  const absent = graph.nodes.filter(
    ({ state }) => state === 'attempting' || state === 'backing-off',
  )
  const { missing } = graph.lines
  const pairs: string[] = []
  for (let at = 0; at < missing.length; at += INDEXES_PER_LINE) {
    const [a, b] = [graph.nodes[missing[at] ?? 0], graph.nodes[missing[at + 1] ?? 0]]
    // What this node lacks is told as not connected.
    if (!a || !b || a.state === 'own' || b.state === 'own') continue
    pairs.push(`${nameOf(a.address)} to ${nameOf(b.address)}`)
  }
  const words = [
    absentWords(absent, story),
    pairs.length > 0 ? `Missing ${counted(pairs.length, 'line')}: ${listed(pairs)}.` : '',
  ]
    .filter(Boolean)
    .join(' ')
  return words || completeWords(graph)
}

/** That all is well, as far as everybody tells. */
function completeWords({ nodes, lines }: Graph): string {
  const count = nodes.filter(({ state }) => state !== 'gone').length
  if (count === 1) return 'Alone so far: start another node, and it appears here.'
  const standing = (lines.own.length + lines.told.length + lines.half.length) / INDEXES_PER_LINE
  const wanted = (count * (count - 1)) / 2
  return standing === wanted ? `${counted(wanted, 'connection')}, none missing.` : ''
}

function absentWords(absent: readonly GraphNode[], { nameOf, retryInMs }: Story): string {
  const [first, ...others] = absent
  if (first === undefined) return ''
  const restMs = others.length === 0 ? retryInMs(first.address) : undefined
  const names = listed(absent.map(({ address }) => nameOf(address)))
  const when = restMs === undefined ? 'trying to reach' : `trying again in ${countdown(restMs)}`
  const object = restMs === undefined ? (others.length === 0 ? ' it' : ' them') : ''
  return `Not connected: ${names}, ${when}${object}.`
}
