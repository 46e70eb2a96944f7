/**
 * What the core knows, as programs and the page get it (status.ts). Pure. Text that a peer wrote is
 * escaped and cut here.
 */

import { describeEnding } from '../log/log-messages.ts'
import { printable, quoted } from '../log/printable.ts'
import { RUNTIME_CHARS_MAX } from '../mesh/limits.ts'
import type { LastClose, LinkView, NodeView, Overview } from '../mesh/overview.ts'
import { TOLD_CHARS_MAX } from './limits.ts'
import type { LinkStatus, OwnStatus, PeerStatus, RecentEvent, Status } from './status.ts'

/** What the core does not know. */
export interface StatusContext {
  /** Such as `0.1.0`. */
  readonly version: string
  /** Such as `Node.js 22.23.2`. */
  readonly runtime: string
  /** When the node started, as ISO 8601. */
  readonly startedAt: string
  /** The time of the core. */
  readonly nowMs: number
  /** When a time of the core was or will be, as ISO 8601. */
  readonly dateOf: (coreMs: number) => string
  readonly log: readonly RecentEvent[]
  /** Default {@link TOLD_CHARS_MAX}. */
  readonly toldCharsMax?: number
}

/** The status of a node. */
export function statusOf(overview: Overview, context: StatusContext): Status {
  const budget = new Budget(context.toldCharsMax ?? TOLD_CHARS_MAX)
  const peers = overview.nodes.map((node) => peerStatusOf(node, overview, context, budget))
  return {
    format: 1,
    node: ownStatusOf(overview, context),
    complete: isComplete(overview),
    summary: summaryOf(overview),
    peers: peers.sort((a, b) => (a.address < b.address ? -1 : 1)),
    log: [...context.log],
  }
}

/**
 * Whether there is nothing left to wait for: every node that we know of is connected, or we have
 * given it up.
 */
export function isComplete({ nodes }: Overview): boolean {
  return nodes.every(({ state }) => state.kind === 'connected' || state.kind === 'gone')
}

/** How many are connected, of those that are not given up, in words. Both count this node. */
export function summaryOf({ nodes }: Overview): string {
  const count = (kind: NodeView['state']['kind']): number =>
    nodes.filter(({ state }) => state.kind === kind).length
  const connected = 1 + count('connected')
  const missing = count('attempting') + count('backing-off')
  const counts = `${connected} of ${connected + missing} connected`
  return missing === 0 ? `${counts}, complete` : `${counts}, ${missing} missing`
}

function ownStatusOf({ own }: Overview, context: StatusContext): OwnStatus {
  const { version, runtime, startedAt } = context
  const { address, id, mesh } = own
  return { address, id, mesh, version, runtime, code: told(own.code), startedAt }
}

/** How much of what peers tell has a place. */
class Budget {
  #left: number

  constructor(charsMax: number) {
    this.#left = charsMax
  }

  /** The list, or null when there is none or no place for it. */
  take(list: readonly string[] | undefined): readonly string[] | null {
    const chars = list?.reduce((sum, text) => sum + text.length, 0) ?? 0
    if (list === undefined || chars > this.#left) return null
    this.#left -= chars
    return list
  }
}

function peerStatusOf(
  node: NodeView,
  { own }: Overview,
  context: StatusContext,
  budget: Budget,
): PeerStatus {
  const { address, known, state, lastEnding } = node
  const link = state.kind === 'connected' ? state.link : undefined
  const retryInMs =
    state.kind === 'backing-off' ? Math.max(0, Math.round(state.untilMs - context.nowMs)) : null
  return {
    address,
    known,
    state: state.kind,
    retryInMs,
    link: link === undefined ? null : linkStatusOf(link, own.code, context),
    connectedTo: budget.take(link?.told?.connectedAddresses),
    lastEnding:
      lastEnding === undefined
        ? null
        : { at: context.dateOf(lastEnding.atMs), text: wordsFor(lastEnding.what) },
  }
}

function wordsFor(what: LastClose['what']): string {
  switch (what.kind) {
    case 'link-ended':
      return describeEnding(what.ending)
    case 'dial-failed':
      return `cannot connect: ${quoted(what.reason)}`
    default:
      return what satisfies never
  }
}

function linkStatusOf(link: LinkView, ownCode: string, context: StatusContext): LinkStatus {
  const { dialedBy, openedMs, roundTripMs, peer, told: said } = link
  const isComparable = ownCode !== '' && peer !== undefined && peer.code !== ''
  return {
    dialedBy,
    since: context.dateOf(openedMs),
    roundTripMs: roundTripMs === undefined ? null : Math.round(roundTripMs),
    id: peer?.id ?? null,
    runtime: said === undefined ? null : cut(printable(said.runtime), RUNTIME_CHARS_MAX),
    sameCode: isComparable ? peer.code === ownCode : null,
  }
}

/** What is empty is not known. */
function told(text: string): string | null {
  return text === '' ? null : text
}

/** By whole characters, so that none is cut in two. */
function cut(text: string, charsMax: number): string {
  const characters = [...text]
  return characters.length <= charsMax ? text : `${characters.slice(0, charsMax - 1).join('')}…`
}
