/** A snapshot of the core's view of all nodes. Times are the core's own, in ms (Mesh.handle). */

import type { Identity } from '../wire/headers.ts'
import type { NodeData } from '../wire/node-data.ts'
import type { Address } from './address/address.ts'
import type { LastClose } from './last-close-reasons.ts'
import { GONE_SHOWN_MS } from './limits.ts'
import { isSilent, type Link } from './links/link.ts'
import type { Completeness } from './membership.ts'
import type { PeerReport } from './messages/survey.ts'
import type { Parts } from './parts.ts'

/** One node's view of the mesh. */
export interface Overview {
  readonly own: Identity
  /** What this node tells of itself. */
  readonly data: NodeData
  readonly completeness: Completeness
  /** All other nodes, each under one address: connected ones as they joined, then the rest. */
  readonly nodes: readonly NodeView[]
}

/** One other node. */
export interface NodeView {
  readonly address: Address
  /** Whether it is in known-peers.json. */
  readonly known: boolean
  readonly state: NodeState
  /** How the last link to it, or the last attempt at one, ended. */
  readonly lastEnding: LastClose | undefined
}

/** The state of the connection to another node. */
export type NodeState =
  /** A link is established. */
  | { readonly kind: 'connected'; readonly link: LinkView }
  /** It is being dialed, waits for a place, or its own dial is awaited. */
  | { readonly kind: 'attempting' }
  /** Dials failed; the next one is due at `untilMs`. */
  | { readonly kind: 'backing-off'; readonly untilMs: number; readonly failures: number }
  /** It left or never answered, and is not counted any more. */
  | { readonly kind: 'gone' }

/** The link that is bound to a node. */
export interface LinkView extends Pick<Link, 'openedMs' | 'roundTripMs'> {
  readonly dialedBy: 'us' | 'peer'
  /** A ping has had no answer for `SILENT_SHOWN_MS`: the peer hangs, or the network is cut. */
  readonly isSilent: boolean
  /** Undefined for a plain peer. */
  readonly peer: Pick<Identity, 'id' | 'code' | 'messages'> | undefined
  /** Undefined: not asked, or no answer yet. Of the addresses only those that are shown. */
  readonly report: PeerReport | undefined
  /** What the peer tells of itself. */
  readonly data: NodeData
}

/** The snapshot as of this time. */
export function overviewOf(parts: Parts, nowMs: number): Overview {
  const { book, connectedAddresses, data, identity, lastCloseReasons, membership } = parts
  const missing = new Set(membership.missing(nowMs))
  const others = new Set([...connectedAddresses, ...missing, ...recentlyGone(parts, nowMs)])
  const shown: ReadonlySet<string> = new Set([identity.address, ...others])
  const nodes = [...others].map((address): NodeView => {
    const known = book.entry(address)?.known === true
    const state = stateOf(address, parts, nowMs, shown, missing)
    return { address, known, state, lastEnding: lastCloseReasons.get(address) }
  })
  const completeness = membership.completeness(nowMs)
  return { own: identity, data: data.own, completeness, nodes }
}

/** Nodes to which a link or a dial ended a while ago, each under one address. */
function recentlyGone({ book, gate, lastCloseReasons }: Parts, nowMs: number): readonly Address[] {
  return [...lastCloseReasons].flatMap(([address, { atMs }]) => {
    const isSpelling = book.targetOf(address) !== undefined || gate.isOwnAddress(address, nowMs)
    return isSpelling || nowMs > atMs + GONE_SHOWN_MS ? [] : [address]
  })
}

function stateOf(
  address: Address,
  { book, data, links, queue, survey }: Parts,
  nowMs: number,
  shown: ReadonlySet<string>,
  missing: ReadonlySet<Address>,
): NodeState {
  const [link] = links.ofAddress(address)
  if (link !== undefined) {
    const report = survey.reportOn(link, nowMs)
    const view = viewOf(link, report, data.of(address), shown)
    return { kind: 'connected', link: { ...view, isSilent: isSilent(link, nowMs) } }
  }
  const entry = book.entry(address)
  if (entry === undefined || !missing.has(address)) return { kind: 'gone' }
  const { failures, notBeforeMs: untilMs } = entry
  // Without a failure its own dial is awaited (tie-break.ts).
  if (queue.isQueuedOrDialing(address) || failures === 0) return { kind: 'attempting' }
  return { kind: 'backing-off', untilMs, failures }
}

function viewOf(
  { identity, openedMs, origin, roundTripMs }: Readonly<Link>,
  report: PeerReport | undefined,
  data: NodeData,
  shown: ReadonlySet<string>,
): Omit<LinkView, 'isSilent'> {
  return {
    dialedBy: origin.kind === 'dialed' ? 'us' : 'peer',
    openedMs,
    roundTripMs,
    peer: identity && { id: identity.id, code: identity.code, messages: identity.messages },
    report: report && { ...report, connected: report.connected.filter((one) => shown.has(one)) },
    data,
  }
}
