/** Builds a status from the overview of the core. Escapes and cuts text that a peer wrote. */

import type { SourceReport } from '../discovery/discovery.ts'
import { describeEnding, logLineFor } from '../log/log-messages.ts'
import { printable, printableData, QUOTED_CHARS_MAX, quoted } from '../log/printable.ts'
import type { Ending, MeshEvent } from '../mesh/events.ts'
import type { LastClose } from '../mesh/last-close-reasons.ts'
import { RUNTIME_CHARS_MAX } from '../mesh/limits.ts'
import type { LinkView, NodeView, Overview } from '../mesh/overview.ts'
import type { Clock } from './clock.ts'
import { REPORTED_CHARS_MAX } from './limits.ts'
import type { SiteFacts } from './site.ts'
import type { LinkStatus, PeerStatus, SourceStatus, Status } from './status.ts'

/** An event of the mesh, and its time by the core's clock. */
export interface PastEvent {
  readonly event: Extract<MeshEvent, { readonly kind: 'peer-joined' | 'peer-left' }>
  readonly atMs: number
}

/** What the status has and the overview does not. */
export interface StatusContext {
  readonly version: string
  readonly runtime: string
  /** As ISO 8601. */
  readonly startedAt: string
  readonly certificate?: ReturnType<SiteFacts['certificate']>
  readonly securityOf: SiteFacts['securityOf']
  /** Messages of this node that a peer has not been sent. */
  readonly lagOf: (address: string) => number
  readonly clock: Pick<Clock, 'nowMs' | 'dateOf'>
  /** Undefined without a secret. */
  readonly keys?: Status['keys'] | undefined
  readonly unproven?: number | undefined
  /** Joins and leaves, oldest first. */
  readonly events: readonly PastEvent[]
  readonly sources: readonly SourceReport[]
  /** Default {@link REPORTED_CHARS_MAX}. */
  readonly reportedCharsMax?: number
}

export function buildStatus(overview: Overview, context: StatusContext): Status {
  const { address, id, mesh, code } = overview.own
  const { clock, version, runtime, startedAt } = context
  let charsLeft = context.reportedCharsMax ?? REPORTED_CHARS_MAX
  const peers = overview.nodes.map((node) => {
    const peer = peerStatus(node, overview, context)
    const chars = charsIn(peer.connectedTo)
    if (chars > charsLeft) return { ...peer, connectedTo: null }
    charsLeft -= chars
    return peer
  })
  return {
    format: 1,
    node: {
      certificate: certificateStatus(context.certificate),
      ...{ address, id, mesh, version, runtime, startedAt },
      code: code || null,
      data: printableData(overview.data),
    },
    complete: overview.completeness.kind === 'complete',
    summary: summaryOf(overview),
    keys: context.keys ?? null,
    unproven: context.unproven ?? null,
    peers: peers.sort((a, b) => (a.address < b.address ? -1 : 1)),
    sources: context.sources.map((report) => sourceStatus(report, context)),
    log: context.events.map(({ event, atMs }) => {
      const change = event.kind === 'peer-joined' ? 'joined' : 'left'
      const { text } = logLineFor(event)
      const close = event.kind === 'peer-left' ? closeStatus(event.ending) : null
      return { at: clock.dateOf(atMs), text, change, address: event.address, close }
    }),
  }
}

/** How many nodes are connected, of the members of the mesh. Both counts include this node. */
export function summaryOf({ completeness, nodes, own }: Overview): string {
  const connected = 1 + nodes.filter(({ state }) => state.kind === 'connected').length
  switch (completeness.kind) {
    case 'complete':
      return connected === 1 ? 'no other node connected' : `all ${connected} nodes connected`
    case 'waiting':
      return 'waiting for known peers'
    case 'missing': {
      const { count } = completeness
      return `${connected} of ${connected + count} nodes connected, ${count} missing`
    }
    case 'address-taken':
      return `another node answers on ${own.address}, the address of this one`
    default:
      return completeness satisfies never
  }
}

function sourceStatus(
  { source, asked, answeredMs, found, problem }: SourceReport,
  { clock }: StatusContext,
): SourceStatus {
  const answeredAt = answeredMs === undefined ? null : clock.dateOf(answeredMs)
  return { source, asked, answeredAt, found, problem: problem ? printable(problem) : null }
}

function charsIn(list: readonly string[] | null): number {
  return list?.reduce((sum, text) => sum + text.length, 0) ?? 0
}

function peerStatus(node: NodeView, { own }: Overview, context: StatusContext): PeerStatus {
  const { address, known, state, lastEnding } = node
  const { clock } = context
  const link = state.kind === 'connected' ? state.link : undefined
  const retryInMs = state.kind === 'backing-off' ? state.untilMs - clock.nowMs() : undefined
  return {
    address,
    known,
    state: state.kind,
    retryInMs: retryInMs === undefined ? null : Math.max(0, Math.round(retryInMs)),
    link: link
      ? {
          ...linkStatus(link, own.code, context),
          ...context.securityOf(address),
          lag: context.lagOf(address),
        }
      : null,
    connectedTo: link?.report?.connected ?? null,
    lastEnding: lastEnding
      ? { at: clock.dateOf(lastEnding.atMs), ...describe(lastEnding.what) }
      : null,
  }
}

function certificateStatus(
  certificate: StatusContext['certificate'],
): Status['node']['certificate'] {
  if (certificate === undefined) return null
  const { hash: sha256, expiresMs } = certificate
  return { sha256, expiresAt: new Date(expiresMs).toISOString() }
}

function describe(what: LastClose['what']): Omit<NonNullable<PeerStatus['lastEnding']>, 'at'> {
  if (what.kind === 'link-ended') {
    const { ending } = what
    return { text: describeEnding(ending), close: closeStatus(ending), dial: null }
  }
  const { failure } = what
  const reason = cut(printable(what.reason), QUOTED_CHARS_MAX)
  const text = `cannot connect: ${quoted(what.reason)}`
  return { text, close: null, dial: { failure, reason } }
}

function closeStatus({ by, code }: Ending) {
  return { by, code }
}

function linkStatus(
  link: LinkView,
  ownCode: string,
  context: StatusContext,
): Omit<LinkStatus, 'encrypted' | 'key' | 'lag'> {
  const { data, dialedBy, isSilent: silent, openedMs, roundTripMs, peer, report } = link
  const isComparable = ownCode !== '' && peer !== undefined && peer.code !== ''
  return {
    dialedBy,
    since: context.clock.dateOf(openedMs),
    roundTripMs: roundTripMs === undefined ? null : Math.round(roundTripMs),
    silent,
    id: peer?.id ?? null,
    runtime: report ? cut(printable(report.runtime), RUNTIME_CHARS_MAX) : null,
    sameCode: isComparable ? peer.code === ownCode : null,
    messages: peer?.messages === true,
    data: printableData(data),
  }
}

/** Cuts between characters, which can be two code units. */
function cut(text: string, charsMax: number): string {
  const characters = [...text]
  return characters.length <= charsMax ? text : `${characters.slice(0, charsMax - 1).join('')}…`
}
