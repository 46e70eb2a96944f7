/**
 * What the core knows of everybody, for people and programs that look: a picture, of which nothing
 * leads back. Times are the core's own, in ms (see Mesh.handle).
 */

import type { Identity, MeshId } from '../wire/headers.ts'
import type { Address } from './address/address.ts'
import type { Connector } from './dialing/connector.ts'
import type { Ending } from './events.ts'
import type { LastCloseReasons } from './last-close-reasons.ts'
import { GONE_SHOWN_MS } from './limits.ts'
import type { ConnectionTable } from './links/connection-table.ts'
import type { Link } from './links/link.ts'
import type { Answer, Survey } from './messages/survey.ts'

/** One node's view of the mesh. */
export interface Overview {
  readonly own: Identity
  /**
   * Everybody but ourselves, each address once: the connected in the order in which they joined,
   * then the rest. No other spellings of an address that is here.
   */
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

/** How it stands between us and another node. */
export type NodeState =
  /** A link stands. */
  | { readonly kind: 'connected'; readonly link: LinkView }
  /** A dial is under way, or waits for its turn. */
  | { readonly kind: 'attempting' }
  /** Dials failed; the next one is due at `untilMs`. */
  | { readonly kind: 'backing-off'; readonly untilMs: number; readonly failures: number }
  /** It left or never answered, and is not looked for any more. */
  | { readonly kind: 'gone' }

/** The link that stands for a node. */
export interface LinkView {
  readonly dialedBy: 'us' | 'peer'
  readonly openedMs: number
  /** Time from a ping to its answer, or undefined when none was measured yet. */
  readonly roundTripMs: number | undefined
  /** Undefined for a plain peer. */
  readonly peer: { readonly id: MeshId; readonly code: string } | undefined
  /** What the peer tells of itself when it is asked, or undefined: not asked, or no answer yet. */
  readonly told: Told | undefined
}

/** What a peer tells of itself. */
export interface Told {
  /** Such as `Node.js 22.23.2`. The peer's text, not yet made harmless. */
  readonly runtime: string
  /** Another number whenever the list below has changed at the peer. */
  readonly revision: number
  /** Whom it is connected to, as far as we know them; may have ourselves. */
  readonly connectedAddresses: readonly Address[]
}

/** How a link or an attempt ended, with the time. */
export interface LastClose {
  readonly atMs: number
  readonly what:
    | { readonly kind: 'link-ended'; readonly ending: Ending }
    | { readonly kind: 'dial-failed'; readonly reason: string }
}

/** Where the picture is drawn from. */
export interface Sources {
  readonly identity: Identity
  readonly connections: ConnectionTable
  readonly connector: Connector
  readonly survey: Survey
  readonly lastCloseReasons: LastCloseReasons
}

/** Draws the picture, as of this time. */
export function overviewOf(sources: Sources, nowMs: number): Overview {
  const { lastCloseReasons, identity, connections, connector } = sources
  const others = othersIn(sources, nowMs)
  const shown: ReadonlySet<string> = new Set([connections.ownAddress, ...others])
  const isShown = (text: string): text is Address => shown.has(text)
  const nodes = [...others].map((address): NodeView => {
    const known = connector.book.entry(address)?.known === true
    const state = stateOf(address, sources, nowMs, isShown)
    return { address, known, state, lastEnding: lastCloseReasons.of(address) }
  })
  return { own: identity, nodes }
}

/** Everybody that we know of: once, and under one name. */
function othersIn(
  { lastCloseReasons, connections, connector }: Sources,
  nowMs: number,
): ReadonlySet<Address> {
  const { book, dialing } = connector
  const others = new Set(connections.connectedAddresses)
  const add = (address: Address): void => {
    const isName = book.targetOf(address) !== undefined || dialing.isOurs(address, nowMs)
    if (!isName) others.add(address)
  }
  for (const { address } of book.entries()) add(address)
  for (const [address, { atMs }] of lastCloseReasons.all()) {
    if (nowMs <= atMs + GONE_SHOWN_MS) add(address)
  }
  return others
}

function stateOf(
  address: Address,
  { connections, connector, survey }: Sources,
  nowMs: number,
  isShown: (text: string) => text is Address,
): NodeState {
  const [link] = connections.links.ofAddress(address)
  if (link !== undefined) {
    const answer = survey.answerOn(link, nowMs)
    return { kind: 'connected', link: viewOf(link, answer, isShown) }
  }
  const entry = connector.book.entry(address)
  if (entry === undefined) return { kind: 'gone' }
  const { failures, notBeforeMs: untilMs } = entry
  // Without a failure it is a node's turn to call first (tie-break.ts).
  if (connector.dialing.isAwaited(address) || failures === 0) return { kind: 'attempting' }
  return { kind: 'backing-off', untilMs, failures }
}

function viewOf(
  link: Readonly<Link>,
  answer: Answer | undefined,
  isShown: (text: string) => text is Address,
): LinkView {
  const { identity, openedMs, origin, roundTripMs } = link
  return {
    dialedBy: origin.kind === 'dialed' ? 'us' : 'peer',
    openedMs,
    roundTripMs,
    peer: identity && { id: identity.id, code: identity.code },
    told: answer && {
      runtime: answer.runtime,
      revision: answer.revision,
      connectedAddresses: answer.connected.filter(isShown),
    },
  }
}
