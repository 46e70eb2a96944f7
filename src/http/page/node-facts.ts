/** The facts of a node as text, for the panel, the table and screen readers. */

import type { OwnStatus, PeerStatus } from '../status.ts'
import type { Graph } from './graph.ts'
import { STATE_WORDS } from './node-marks.ts'
import { shorten } from './short-names.ts'
import { clock, countdown, listed, milliseconds, timeAgo } from './text-formats.ts'

/** By heading; {@link NOTHING} for what is unknown or does not apply. */
export type Facts = Readonly<Record<FactName, string>>

/** The headings, in the order of the page. */
export const FACT_NAMES = [
  'Address',
  'State',
  'Data',
  'Connected to',
  'Missing',
  'Dialed by',
  'Since',
  'Round trip',
  'Runtime',
  'Code',
  'Id',
  'Last close',
] as const

export type FactName = (typeof FACT_NAMES)[number]

/** What the facts come from. */
export interface Sources {
  readonly own: OwnStatus
  readonly graph: Graph
  readonly nameOf: (address: string) => string
  readonly retryInMs: (address: string) => number | undefined
  readonly nowMs: number
}

export const NOTHING = '–'

/** Longer lists of names are cut. */
const MISSING_NAMES_MAX = 12

/** Enough to distinguish two digests. */
const DIGEST_CHARS = 12

/** The facts of the node with this index. */
export function factsOf(index: number, sources: Sources): Facts {
  const { own, graph, nowMs } = sources
  const node = graph.nodes[index]
  const { peer } = node ?? {}
  const neighbours = graph.neighboursOf(index)
  const common = {
    Address: node?.address ?? NOTHING,
    Data: dataText(node?.data),
    'Connected to': neighbours
      ? `${neighbours.connected.length} of ${neighbours.connected.length + neighbours.missing.length}`
      : peer?.state === 'connected'
        ? 'not reported'
        : NOTHING,
    Missing: neighbours
      ? listed(
          neighbours.missing.map(({ address }) => sources.nameOf(address)),
          MISSING_NAMES_MAX,
        ) || 'none'
      : NOTHING,
  }
  if (peer === undefined) {
    return {
      ...common,
      State: STATE_WORDS.own,
      'Dialed by': NOTHING,
      Since: timeAgo(own.startedAt, nowMs) || NOTHING,
      'Round trip': NOTHING,
      Runtime: own.runtime || NOTHING,
      Code: own.code?.slice(0, DIGEST_CHARS) ?? NOTHING,
      Id: own.id || NOTHING,
      'Last close': NOTHING,
    }
  }
  return { ...common, ...factsOfPeer(peer, sources) }
}

/** As JSON; any node can write a long text. */
function dataText(data: OwnStatus['data'] = {}): string {
  return Object.keys(data).length === 0 ? NOTHING : shorten(JSON.stringify(data), DATA_CHARS_MAX)
}

const DATA_CHARS_MAX = 200

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
    'Last close': lastEnding
      ? [clock(lastEnding.at, sources.nowMs), lastEnding.text].filter(Boolean).join(' ')
      : NOTHING,
  }
}

const CODE_WORDS = { true: 'same as this node', false: 'differs from this node' } as const

function stateOf({ state }: PeerStatus, restMs: number | undefined): string {
  return restMs === undefined ? STATE_WORDS[state] : `trying again in ${countdown(restMs)}`
}
