/** The facts of a node as text, for the table and for its details. Pure. */

import type { LinkStatus, OwnStatus, PeerStatus } from '../../status.ts'
import { causeOf } from './causes.ts'
import type { Graph, GraphNode } from './graph.ts'
import { STATE_WORDS } from './node-marks.ts'
import { shorten } from './short-names.ts'
import { clock, countdown, listed, milliseconds, NOTHING, timeAgo } from './text-formats.ts'

/** By heading; {@link NOTHING} for what is unknown or does not apply. */
export type Facts = Readonly<Record<FactName, string>>

/** The headings, in the order of the page. */
export const FACT_NAMES = [
  'State',
  'Connections',
  'Round trip',
  'Since',
  'Unsent',
  'Dialed by',
  'Runtime',
  'Code',
  'Id',
  'Address',
  'Encrypted',
  'Missing',
  'Data',
  'Last close',
  'Last dial',
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

/** Longer lists of names are cut. */
const MISSING_NAMES_MAX = 12

/** Enough to distinguish two digests. */
const DIGEST_CHARS = 12

const DATA_CHARS_MAX = 200

/** The facts of the node with this index. */
export function factsOf(index: number, sources: Sources): Facts {
  const { own, graph, nowMs, nameOf } = sources
  const node = graph.nodes[index]
  const { connected, missing } = graph.neighboursOf(index) ?? {}
  const common = {
    Address: node?.address ?? NOTHING,
    Data: dataText(node?.data),
    Connections:
      connected !== undefined && missing ? `${connected}/${connected + missing.length}` : NOTHING,
    Missing:
      missing && missing.length > 0
        ? listed(
            missing.slice(0, MISSING_NAMES_MAX).map(({ address }) => nameOf(address)),
            MISSING_NAMES_MAX,
            missing.length,
          )
        : NOTHING,
  }
  if (node?.peer !== undefined) {
    return { ...common, ...factsOfPeer(node.peer, node.state, sources) }
  }
  return {
    ...common,
    State: STATE_WORDS.own,
    'Round trip': NOTHING,
    Since: timeAgo(own.startedAt, nowMs) || NOTHING,
    Unsent: NOTHING,
    'Dialed by': NOTHING,
    Encrypted: own.certificate
      ? `certificate until ${own.certificate.expiresAt.slice(0, 10)}`
      : NOTHING,
    Runtime: own.runtime || NOTHING,
    Code: own.code?.slice(0, DIGEST_CHARS) ?? NOTHING,
    Id: own.id || NOTHING,
    'Last close': NOTHING,
    'Last dial': NOTHING,
  }
}

/** As JSON; any node can write a long text. */
function dataText(data: OwnStatus['data'] = {}): string {
  return Object.keys(data).length === 0 ? NOTHING : shorten(JSON.stringify(data), DATA_CHARS_MAX)
}

function encryptionOf({ encrypted, key }: LinkStatus): string {
  if (!encrypted && !key) return NOTHING
  return `${encrypted ? 'yes' : 'no'}${key ? `, proven by key ${key}` : ''}`
}

function endingText(ending: NonNullable<PeerStatus['lastEnding']>, nowMs: number): string {
  const { meaning, raw } = causeOf(ending)
  return `${clock(ending.at, nowMs)} ${meaning}${raw && ` (${raw})`}`.trim()
}

/** What is done about a node that is missing. */
function effortOf({ state }: PeerStatus, shown: GraphNode['state'], restMs: number | undefined) {
  if (restMs !== undefined) return [`retry in ${countdown(restMs)}`]
  return state === 'attempting' && shown !== state ? [STATE_WORDS[state]] : []
}

function factsOfPeer(
  peer: PeerStatus,
  state: GraphNode['state'],
  { own, nowMs, retryInMs }: Sources,
) {
  const { link, lastEnding } = peer
  const restMs = retryInMs(peer.address)
  const digest = own.code?.slice(0, DIGEST_CHARS) ?? 'same as this node'
  return {
    State: [STATE_WORDS[state], ...effortOf(peer, state, restMs)].join(', '),
    'Round trip': typeof link?.roundTripMs === 'number' ? milliseconds(link.roundTripMs) : NOTHING,
    Since: (link && timeAgo(link.since, nowMs)) || NOTHING,
    Unsent: link?.lag ? String(link.lag) : NOTHING,
    'Dialed by': link === null ? NOTHING : link.dialedBy === 'us' ? 'this node' : 'the peer',
    Encrypted: link === null ? NOTHING : encryptionOf(link),
    Runtime: link?.runtime || NOTHING,
    Code: typeof link?.sameCode !== 'boolean' ? NOTHING : link.sameCode ? digest : 'another build',
    Id: link?.id || NOTHING,
    'Last close': lastEnding && !lastEnding.dial ? endingText(lastEnding, nowMs) : NOTHING,
    'Last dial': lastEnding?.dial ? endingText(lastEnding, nowMs) : NOTHING,
  }
}
