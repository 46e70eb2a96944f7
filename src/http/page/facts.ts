/** What is told of a node, in words: the same for the panel, the table and screen readers. */

import type { OwnStatus, PeerStatus } from '../status.ts'
import type { Graph } from './graph.ts'
import { STATE_WORDS } from './marks.ts'
import { clock, countdown, listed, milliseconds, timeAgo } from './words.ts'

/** What is told, by its heading. A dash is for what is not known or does not apply. */
export type Facts = Readonly<Record<FactName, string>>

/** The headings, in the order in which they are shown. */
export const FACT_NAMES = [
  'Address',
  'State',
  'Connected to',
  'Lacks',
  'Dialed by',
  'Since',
  'Round trip',
  'Runtime',
  'Code',
  'Id',
  'Last ending',
] as const

export type FactName = (typeof FACT_NAMES)[number]

/** What facts are made of. */
export interface Sources {
  readonly own: OwnStatus
  readonly graph: Graph
  readonly nameOf: (address: string) => string
  readonly retryInMs: (address: string) => number | undefined
  readonly nowMs: number
}

/** For what is not known. */
export const NOTHING = '–'

/** Longer lists are cut: a number says enough then. */
const LACKING_MAX = 12

/** Letters of a digest that tell it from others. */
const DIGEST_LETTERS = 12

/** The facts of the node with this index. */
export function factsOf(index: number, sources: Sources): Facts {
  const { own, graph, nowMs } = sources
  const node = graph.nodes[index]
  const { peer } = node ?? {}
  const neighbours = graph.neighboursOf(index)
  const told = {
    Address: node?.address ?? NOTHING,
    'Connected to': neighbours
      ? `${neighbours.connected.length} of ${neighbours.connected.length + neighbours.lacking.length}`
      : peer?.state === 'connected'
        ? 'does not tell'
        : NOTHING,
    Lacks: neighbours
      ? listed(
          neighbours.lacking.map(({ address }) => sources.nameOf(address)),
          LACKING_MAX,
        ) || 'nobody'
      : NOTHING,
  }
  if (peer === undefined) {
    return {
      ...told,
      State: STATE_WORDS.own,
      'Dialed by': NOTHING,
      Since: timeAgo(own.startedAt, nowMs) || NOTHING,
      'Round trip': NOTHING,
      Runtime: own.runtime || NOTHING,
      Code: own.code?.slice(0, DIGEST_LETTERS) ?? NOTHING,
      Id: own.id || NOTHING,
      'Last ending': NOTHING,
    }
  }
  return { ...told, ...factsOfPeer(peer, sources) }
}

function factsOfPeer(peer: PeerStatus, sources: Sources) {
  const { link, lastEnding } = peer
  return {
    State: stateOf(peer, sources.retryInMs(peer.address)),
    'Dialed by': link === null ? NOTHING : link.dialedBy === 'us' ? 'this node' : 'the peer',
    Since: (link && timeAgo(link.since, sources.nowMs)) || NOTHING,
    'Round trip': typeof link?.roundTripMs === 'number' ? milliseconds(link.roundTripMs) : NOTHING,
    Runtime: link?.runtime || NOTHING,
    Code: typeof link?.sameCode === 'boolean' ? CODE_WORDS[`${link.sameCode}`] : NOTHING,
    Id: link?.id || NOTHING,
    'Last ending': lastEnding
      ? [clock(lastEnding.at, sources.nowMs), lastEnding.text].filter(Boolean).join(' ')
      : NOTHING,
  }
}

const CODE_WORDS = { true: 'same as this node', false: 'differs from this node' } as const

function stateOf({ state }: PeerStatus, restMs: number | undefined): string {
  return restMs === undefined ? STATE_WORDS[state] : `trying again in ${countdown(restMs)}`
}
