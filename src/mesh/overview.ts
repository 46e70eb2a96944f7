/** A snapshot of the core's view of all nodes. Times are the core's own, in ms (Mesh.handle). */

import type { Identity, MeshId } from '../wire/headers.ts'
import type { Address } from './address/address.ts'
import type { AddressBook } from './address/address-book.ts'
import type { DialGate } from './dialing/dial-gate.ts'
import type { DialQueue } from './dialing/dial-queue.ts'
import type { LastClose, LastCloseReasons } from './last-close-reasons.ts'
import { GONE_SHOWN_MS } from './limits.ts'
import type { Link } from './links/link.ts'
import type { LinkTable } from './links/link-table.ts'
import type { PeerReport, Survey } from './messages/survey.ts'

/** One node's view of the mesh. */
export interface Overview {
  readonly own: Identity
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
  /** It left or never answered, and is no longer dialed. */
  | { readonly kind: 'gone' }

/** The link that is bound to a node. */
export interface LinkView {
  readonly dialedBy: 'us' | 'peer'
  readonly openedMs: number
  /** Undefined until one was measured. */
  readonly roundTripMs: number | undefined
  /** Undefined for a plain peer. */
  readonly peer: { readonly id: MeshId; readonly code: string } | undefined
  /** What the peer reports when it is asked; undefined: not asked, or no answer yet. */
  readonly report: ReportView | undefined
}

/** What a peer reports of itself. */
export interface ReportView {
  /** Such as `Node.js 22.23.2`: the peer's text, not escaped. */
  readonly runtime: string
  /** Another number after each change of the list below. */
  readonly revision: number
  /** The shown addresses that it is connected to, our own among them. */
  readonly connectedAddresses: readonly Address[]
}

/** The parts of the core that a snapshot reads. */
export interface Sources {
  /** Who we are. */
  readonly identity: Identity
  readonly connectedAddresses: ReadonlySet<Address>
  readonly links: LinkTable
  readonly book: AddressBook
  readonly gate: DialGate
  readonly queue: DialQueue
  readonly survey: Survey
  readonly lastCloseReasons: LastCloseReasons
}

/** The snapshot as of this time. */
export function overviewOf(sources: Sources, nowMs: number): Overview {
  const { book, identity, lastCloseReasons } = sources
  const others = othersIn(sources, nowMs)
  const shown: ReadonlySet<string> = new Set([identity.address, ...others])
  const isShown = (text: string): text is Address => shown.has(text)
  const nodes = [...others].map((address): NodeView => {
    const known = book.entry(address)?.known === true
    const state = stateOf(address, sources, nowMs, isShown)
    return { address, known, state, lastEnding: lastCloseReasons.get(address) }
  })
  return { own: identity, nodes }
}

/** All other nodes, each once and under one address. */
function othersIn(sources: Sources, nowMs: number): ReadonlySet<Address> {
  const { book, connectedAddresses, gate, lastCloseReasons } = sources
  const others = new Set(connectedAddresses)
  const add = (address: Address): void => {
    const isSpelling = book.targetOf(address) !== undefined || gate.isOwnAddress(address, nowMs)
    if (!isSpelling) others.add(address)
  }
  for (const { address } of book.entries()) add(address)
  for (const [address, { atMs }] of lastCloseReasons) {
    if (nowMs <= atMs + GONE_SHOWN_MS) add(address)
  }
  return others
}

function stateOf(
  address: Address,
  { book, links, queue, survey }: Sources,
  nowMs: number,
  isShown: (text: string) => text is Address,
): NodeState {
  const [link] = links.ofAddress(address)
  if (link !== undefined) {
    return { kind: 'connected', link: viewOf(link, survey.reportOn(link, nowMs), isShown) }
  }
  const entry = book.entry(address)
  if (entry === undefined) return { kind: 'gone' }
  const { failures, notBeforeMs: untilMs } = entry
  // Without a failure its own dial is awaited (tie-break.ts).
  if (queue.isQueuedOrDialing(address) || failures === 0) return { kind: 'attempting' }
  return { kind: 'backing-off', untilMs, failures }
}

function viewOf(
  { identity, openedMs, origin, roundTripMs }: Readonly<Link>,
  report: PeerReport | undefined,
  isShown: (text: string) => text is Address,
): LinkView {
  return {
    dialedBy: origin.kind === 'dialed' ? 'us' : 'peer',
    openedMs,
    roundTripMs,
    peer: identity && { id: identity.id, code: identity.code },
    report: report && {
      runtime: report.runtime,
      revision: report.revision,
      connectedAddresses: report.connected.filter(isShown),
    },
  }
}
