/**
 * The metrics of a node in the text format of Prometheus, made for each request. The values of a
 * label are those of this file and of the protocol. Addresses are a label only of peers that the
 * operator has named or that have proven the secret: others could make as many as they like.
 */

import Registry, { type Metric, type Sample } from 'prom-client/lib/registry.js'
import type { Counters, MessageCounts } from '../mesh/counters.ts'
import { Distribution } from '../mesh/distribution.ts'
import type { NodeState, Overview } from '../mesh/overview.ts'
import type { MessageTotals } from '../pubsub/outputs.ts'
import type { RequestTotals } from '../requests/outputs.ts'
import {
  ABNORMAL_CLOSURE,
  CloseCode,
  NO_STATUS_RECEIVED,
  NORMAL_CLOSURE,
} from '../wire/close-codes.ts'
import type { SiteFacts } from './site.ts'

export interface MetricsFacts {
  readonly certificate: ReturnType<SiteFacts['certificate']>
  /** None without a secret. */
  readonly keys: NonNullable<ReturnType<SiteFacts['keys']>>
  readonly securityOf: SiteFacts['securityOf']
  readonly lagOf: SiteFacts['lagOf']
  readonly overview: Overview
  readonly counters: Counters
  readonly messages: MessageTotals
  readonly requests: RequestTotals
  readonly sizes: Readonly<Record<string, number>>
  readonly version: string
  readonly runtime: string
  readonly startedAt: Date
}

/** The Content-Type of {@link metricsText}. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** Every state, so that a gauge is 0 and not missing. */
const STATES: readonly NodeState['kind'][] = ['connected', 'attempting', 'backing-off', 'gone']

/** The peer closes because of an error of its own. RFC 6455 §7.4.1. */
const INTERNAL_ERROR = 1011

/** Close codes that have a label of their own: ours, and those of RFC 6455 §7.4.1. */
const CODES: ReadonlySet<number> = new Set([
  NORMAL_CLOSURE,
  NO_STATUS_RECEIVED,
  ABNORMAL_CLOSURE,
  INTERNAL_ERROR,
  ...Object.values(CloseCode),
])

/** All metrics, as Prometheus reads them. */
export function metricsText(facts: MetricsFacts): Promise<string> {
  const registry = new Registry()
  for (const [name, [help, value]] of Object.entries(metricsOf(facts))) {
    registry.registerMetric({ name, get: () => metricFor(name, help, value) })
  }
  return registry.metrics()
}

/** A number without labels, samples with labels, or what a histogram shows. */
type Value = number | readonly Sample[] | Distribution

/** The help and the value of each metric. */
function metricsOf(facts: MetricsFacts): Readonly<Record<string, readonly [string, Value]>> {
  const { overview, counters, messages, requests, sizes, version, runtime, startedAt } = facts
  const { certificate, keys } = facts
  const { code } = overview.own
  const { user, system } = process.cpuUsage()
  const inBothDirections = (of: keyof MessageCounts): readonly Sample[] =>
    byLabel('direction', { sent: counters.sent[of], received: counters.received[of] })
  return {
    fullmesh_dials_total: [
      'Dials that ended, by outcome.',
      byLabel('outcome', Object.fromEntries(counters.dials)),
    ],
    fullmesh_duplicates_closed_total: [
      'Links closed because another one to the same peer was kept.',
      counters.duplicatesClosed,
    ],
    fullmesh_handshakes_total: ['HANDSHAKE messages.', inBothDirections('handshakes')],
    fullmesh_frames_total: ['WebSocket messages.', inBothDirections('frames')],
    fullmesh_frame_bytes_total: [
      'Bytes in WebSocket messages, without framing.',
      inBothDirections('bytes'),
    ],
    fullmesh_messages_published_total: ['Messages that this node published.', messages.published],
    fullmesh_messages_delivered_total: [
      'Messages that this node has got, by origin: itself, their sender, or a node that relayed them.',
      byLabel('origin', messages.delivered),
    ],
    fullmesh_message_gaps_total: ['Gaps that this node announced.', messages.gaps],
    fullmesh_message_log_bytes: ['Memory that the log of messages takes.', messages.logBytes],
    fullmesh_message_log_max_bytes: ['The most that it may take.', messages.logBytesMax],
    fullmesh_message_log_oldest_seconds: [
      'Age of the oldest message in it; 0 when it is empty.',
      messages.oldestMs / 1_000,
    ],
    fullmesh_message_lag: [
      'Messages of this node that peers have not been sent, of all peers and of the one with most.',
      byLabel('of', messages.lag),
    ],
    fullmesh_peer_message_lag: [
      'The same of each connected peer that is a known peer or has proven the secret.',
      lagsIn(facts),
    ],
    fullmesh_requests_total: [
      'Requests: sent by this node, and received from others for its responders.',
      byLabel('direction', { sent: requests.sent, received: requests.received }),
    ],
    fullmesh_requests_open: [
      'Requests without an answer yet: sent by this node, and received from others.',
      byLabel('direction', requests.open),
    ],
    fullmesh_request_outcomes_total: [
      'Requests of this node that ended, by outcome (docs/MESSAGES.md has the codes).',
      byLabel('outcome', requests.outcomes),
    ],
    fullmesh_links_closed_total: [
      'Links that ended, by which side closed them and with which code (docs/PROTOCOL.md).',
      closesIn(counters),
    ],
    fullmesh_peers: ['Other nodes, by state.', peersIn(overview)],
    fullmesh_connections: [
      'Connected peers, by which side dialed and whether it is a plain peer.',
      connectionsIn(overview),
    ],
    fullmesh_encrypted_connections: [
      'Connected peers whose link is encrypted.',
      encryptedIn(facts),
    ],
    fullmesh_secret_connections: [
      'Connections by the fingerprint of the secret that they have proven; none without a secret.',
      byLabel('key', Object.fromEntries(keys.map(({ key, links }) => [key, links]))),
    ],
    fullmesh_certificate_expiry_seconds: [
      'When the certificate of the node expires, in seconds since 1970; none when it does not encrypt.',
      certificate ? [{ labels: {}, value: certificate.expiresMs / 1_000 }] : [],
    ],
    fullmesh_table_entries: ['Entries of the tables of the core.', byLabel('table', sizes)],
    fullmesh_build_info: [
      'Always 1; the labels are what runs.',
      [{ labels: { version, runtime, code }, value: 1 }],
    ],
    // These have the names that every Prometheus client gives them, and no prefix.
    process_start_time_seconds: [
      'When the node started, in seconds since 1970.',
      startedAt.getTime() / 1000,
    ],
    process_resident_memory_bytes: ['Memory of the process.', process.memoryUsage.rss()],
    process_cpu_seconds_total: ['CPU time of the process.', (user + system) / 1e6],
    fullmesh_ping_round_trip_seconds: ['Time from a ping to its pong.', counters.roundTripsMs],
    fullmesh_event_loop_lag_seconds: [
      'How late the timers of the mesh fired. At rest one fires every few seconds.',
      counters.timerLagMs,
    ],
  }
}

function lagsIn({ overview, lagOf, securityOf }: MetricsFacts): readonly Sample[] {
  return overview.nodes.flatMap(({ address, known, state }) => {
    const takesMessages = state.kind === 'connected' && state.link.peer?.messages === true
    const isNamed = known || (takesMessages && securityOf(address).key !== null)
    return takesMessages && isNamed ? [{ labels: { peer: address }, value: lagOf(address) }] : []
  })
}

function encryptedIn({ overview, securityOf }: MetricsFacts): number {
  const connected = overview.nodes.filter(({ state }) => state.kind === 'connected')
  return connected.filter(({ address }) => securityOf(address).encrypted).length
}

function metricFor(name: string, help: string, value: Value): Metric {
  if (value instanceof Distribution) {
    return { name, help, type: 'histogram', values: histogram(name, value) }
  }
  // The suffix is Prometheus's own rule.
  const type = name.endsWith('_total') ? 'counter' : 'gauge'
  return { name, help, type, values: typeof value === 'number' ? [{ value }] : value }
}

function histogram(name: string, { bounds, counts, sum }: Distribution): readonly Sample[] {
  let count = 0
  const buckets = counts.map((inBucket, index) => {
    const boundMs = bounds[index]
    count += inBucket
    const le = boundMs === undefined ? '+Inf' : boundMs / 1000
    return { metricName: `${name}_bucket`, labels: { le }, value: count }
  })
  const total = { metricName: `${name}_sum`, value: sum / 1000 }
  return [...buckets, total, { metricName: `${name}_count`, value: count }]
}

function byLabel(label: string, values: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}

function closesIn({ closes }: Counters): readonly Sample[] {
  const samples = new Map<string, Sample>()
  for (const { by, code: number, count } of closes) {
    const code = CODES.has(number) ? number : 'other'
    const { value } = samples.get(`${by} ${code}`) ?? { value: 0 }
    samples.set(`${by} ${code}`, { labels: { by, code }, value: value + count })
  }
  return [...samples.values()]
}

function peersIn({ nodes }: Overview): readonly Sample[] {
  return STATES.map((state) => {
    return { labels: { state }, value: nodes.filter((node) => node.state.kind === state).length }
  })
}

function connectionsIn({ nodes }: Overview): readonly Sample[] {
  const links = nodes.flatMap(({ state }) => (state.kind === 'connected' ? [state.link] : []))
  return ['us', 'peer'].flatMap((dialed_by) => {
    const dialed = links.filter(({ dialedBy }) => dialedBy === dialed_by)
    const plain = dialed.filter(({ peer }) => peer === undefined).length
    return [
      { labels: { dialed_by, kind: 'fullmesh' }, value: dialed.length - plain },
      { labels: { dialed_by, kind: 'plain' }, value: plain },
    ]
  })
}
