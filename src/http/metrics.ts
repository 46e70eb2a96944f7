/**
 * The metrics of a node in the text format of Prometheus, made for each request. The values of a
 * label are those of this file and of the protocol, never an address or text of a peer.
 */

import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Registry from 'prom-client/lib/registry.js'
import type { Counters } from '../mesh/counters.ts'
import type { Distribution } from '../mesh/distribution.ts'
import type { NodeState, Overview } from '../mesh/overview.ts'
import {
  ABNORMAL_CLOSURE,
  CloseCode,
  NO_STATUS_RECEIVED,
  NORMAL_CLOSURE,
} from '../wire/close-codes.ts'

export interface MetricsFacts {
  readonly overview: Overview
  readonly counters: Counters
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
export async function metricsText(facts: MetricsFacts): Promise<string> {
  const registry = new Registry()
  addCounters(registry, facts)
  addMesh(registry, facts)
  addProcess(registry, facts)
  const { roundTripsMs, timerLagMs } = facts.counters
  return [
    await registry.metrics(),
    histogramText(
      'fullmesh_ping_round_trip_seconds',
      'Time from a ping to its pong.',
      roundTripsMs,
    ),
    histogramText(
      'fullmesh_event_loop_lag_seconds',
      'How late the timers of the mesh fired. At rest one fires every few seconds.',
      timerLagMs,
    ),
  ].join('\n')
}

function addCounters(registry: Registry, { counters }: MetricsFacts): void {
  const { dials, sent, received, closes, duplicatesClosed } = counters
  const ended = counter(registry, 'fullmesh_dials_total', 'Dials that ended, by outcome.', [
    'outcome',
  ])
  for (const [outcome, count] of dials) ended.inc({ outcome }, count)
  counter(
    registry,
    'fullmesh_duplicates_closed_total',
    'Links closed because another one to the same peer was kept.',
  ).inc(duplicatesClosed)
  for (const [name, help, of] of [
    ['fullmesh_handshakes_total', 'HANDSHAKE messages.', 'handshakes'],
    ['fullmesh_frames_total', 'WebSocket messages.', 'frames'],
    ['fullmesh_frame_bytes_total', 'Bytes in WebSocket messages, without framing.', 'bytes'],
  ] as const) {
    const messages = counter(registry, name, help, ['direction'])
    messages.inc({ direction: 'sent' }, sent[of])
    messages.inc({ direction: 'received' }, received[of])
  }
  const closed = counter(
    registry,
    'fullmesh_links_closed_total',
    'Links that ended, by which side closed them and with which code (docs/PROTOCOL.md).',
    ['by', 'code'],
  )
  for (const { by, code, count } of closes) {
    closed.inc({ by, code: CODES.has(code) ? String(code) : 'other' }, count)
  }
}

function addMesh(registry: Registry, { overview, sizes }: MetricsFacts): void {
  const { nodes } = overview
  const peers = gauge(registry, 'fullmesh_peers', 'Other nodes, by state.', ['state'])
  for (const state of STATES) {
    peers.set({ state }, nodes.filter((node) => node.state.kind === state).length)
  }
  const connections = gauge(
    registry,
    'fullmesh_connections',
    'Connected peers, by which side dialed and whether it is a plain peer.',
    ['dialed_by', 'kind'],
  )
  for (const dialed_by of ['us', 'peer']) {
    for (const kind of ['fullmesh', 'plain']) connections.set({ dialed_by, kind }, 0)
  }
  for (const { state } of nodes) {
    if (state.kind !== 'connected') continue
    const { dialedBy: dialed_by, peer } = state.link
    connections.inc({ dialed_by, kind: peer === undefined ? 'plain' : 'fullmesh' })
  }
  const tables = gauge(registry, 'fullmesh_table_entries', 'Entries of the tables of the core.', [
    'table',
  ])
  for (const [table, size] of Object.entries(sizes)) tables.set({ table }, size)
}

function addProcess(registry: Registry, facts: MetricsFacts): void {
  const { overview, version, runtime, startedAt } = facts
  const { code } = overview.own
  gauge(registry, 'fullmesh_build_info', 'Always 1; the labels are what runs.', [
    'version',
    'runtime',
    'code',
  ]).set({ version, runtime, code }, 1)
  // These have the names that every Prometheus client gives them, and no prefix.
  const started = 'When the node started, in seconds since 1970.'
  gauge(registry, 'process_start_time_seconds', started).set(startedAt.getTime() / 1000)
  const memory = process.memoryUsage.rss()
  gauge(registry, 'process_resident_memory_bytes', 'Memory of the process.').set(memory)
  const { user, system } = process.cpuUsage()
  const cpuSeconds = (user + system) / 1e6
  counter(registry, 'process_cpu_seconds_total', 'CPU time of the process.').inc(cpuSeconds)
}

function counter<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [registry] })
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers: [registry] })
}

/** A histogram as text: those of prom-client count by themselves, and the core has counted. */
function histogramText(name: string, help: string, { bounds, counts, sum }: Distribution): string {
  const upTo = (index: number): number =>
    counts.slice(0, index + 1).reduce((total, count) => total + count, 0)
  const count = upTo(bounds.length)
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...bounds.map((boundMs, index) => `${name}_bucket{le="${boundMs / 1000}"} ${upTo(index)}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum / 1000}`,
    `${name}_count ${count}\n`,
  ].join('\n')
}
