/**
 * The metrics of a node in the text format of Prometheus. What happens is counted from the start;
 * what is, is looked at when somebody asks. No label can take more values than this file and the
 * protocol have: an address or a peer's text is never one.
 */

import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'
import type { MeshEvent } from '../mesh/events.ts'
import type { LinkId } from '../mesh/inputs.ts'
import type { NodeState, Overview } from '../mesh/overview.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import {
  ABNORMAL_CLOSURE,
  CloseCode,
  NO_STATUS_RECEIVED,
  NORMAL_CLOSURE,
} from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'

/** What metrics are made of, besides what they are told. */
export interface MetricsOptions {
  readonly overview: () => Overview
  /** How many entries each table of the core holds. */
  readonly sizes: () => Readonly<Record<string, number>>
  readonly identity: Identity
  readonly version: string
  readonly runtime: string
  /** When the node started. */
  readonly startedAt: Date
}

/** The Content-Type of {@link Metrics.text}. */
export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** Round trips: from one machine to a satellite. In seconds. */
const ROUND_TRIP_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** Lag: from an idle process to a frozen one. In seconds. */
const LAG_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Every state, so that a gauge is 0 and not missing. */
const STATES: readonly NodeState['kind'][] = ['connected', 'attempting', 'backing-off', 'gone']

/** The peer met an error of its own, and cannot go on. RFC 6455 §7.4.1. */
const INTERNAL_ERROR = 1011

/** Codes that peers may close with and that mean something: ours, and those of RFC 6455 §7.4.1. */
const CODES: ReadonlySet<number> = new Set([
  NORMAL_CLOSURE,
  NO_STATUS_RECEIVED,
  ABNORMAL_CLOSURE,
  INTERNAL_ERROR,
  ...Object.values(CloseCode),
])

/** The metrics of one node. It is told of traffic as io/traffic.ts has it. */
export class Metrics {
  readonly #registry = new Registry()
  /** When links were pinged that have not answered. */
  readonly #pingedMs = new Map<LinkId, number>()

  readonly #dials = this.#counter('dials_total', 'Dials that ended, by outcome.', ['outcome'])
  readonly #duplicates = this.#counter(
    'duplicates_closed_total',
    'Links closed because another one to the same peer was kept.',
  )
  /** Each frame is counted, so that must cost little. */
  readonly #sent: FrameCount = { handshakes: 0, frames: 0, bytes: 0 }
  readonly #received: FrameCount = { handshakes: 0, frames: 0, bytes: 0 }
  readonly #closed = this.#counter(
    'links_closed_total',
    'Links that ended, by who ended them and with which close code (docs/PROTOCOL.md).',
    ['by', 'code'],
  )
  readonly #roundTrips = new Histogram({
    name: 'fullmesh_ping_round_trip_seconds',
    help: 'Time from a ping to its answer.',
    buckets: ROUND_TRIP_BUCKETS,
    registers: [this.#registry],
  })
  readonly #lag = new Histogram({
    name: 'fullmesh_event_loop_lag_seconds',
    help: 'How late the timers of the mesh were. At rest there is one every few seconds.',
    buckets: LAG_BUCKETS,
    registers: [this.#registry],
  })

  constructor(options: MetricsOptions) {
    this.#dials.inc({ outcome: 'opened' }, 0)
    this.#registerFrames()
    this.#registerMesh(options)
    this.#registerProcess(options)
  }

  /** All of it, as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  // --- What happens ------------------------------------------------------------------------------

  observe(event: MeshEvent): void {
    if (event.kind === 'duplicate-closed') this.#duplicates.inc()
  }

  timerFired(lateMs: number): void {
    this.#lag.observe(lateMs / 1000)
  }

  dialEnded(outcome: string): void {
    this.#dials.inc({ outcome })
  }

  frameSent(text: string): void {
    count(this.#sent, Buffer.byteLength(text), isHandshake(text))
  }

  /** `text` is undefined for a binary frame. */
  frameReceived(bytes: number, text: string | undefined): void {
    count(this.#received, bytes, text !== undefined && isHandshake(text))
  }

  linkClosed(link: LinkId, by: 'us' | 'peer' | 'network', code: number): void {
    this.#pingedMs.delete(link)
    this.#closed.inc({ by, code: CODES.has(code) ? String(code) : 'other' })
  }

  pinged(link: LinkId): void {
    this.#pingedMs.set(link, monotonicMs())
  }

  ponged(link: LinkId): void {
    const pingedMs = this.#pingedMs.get(link)
    // Nobody asked for this one (RFC 6455 §5.5.3).
    if (pingedMs === undefined) return
    this.#pingedMs.delete(link)
    this.#roundTrips.observe((monotonicMs() - pingedMs) / 1000)
  }

  // --- What is -----------------------------------------------------------------------------------

  #registerFrames(): void {
    const [sent, received] = [this.#sent, this.#received]
    const help = {
      handshakes_total: 'HANDSHAKE messages.',
      frames_total: 'WebSocket messages.',
      frame_bytes_total: 'Bytes in WebSocket messages, without framing.',
    } as const
    const register = (name: keyof typeof help, of: keyof typeof sent) =>
      new Counter({
        name: `fullmesh_${name}`,
        help: help[name],
        labelNames: ['direction'],
        registers: [this.#registry],
        collect() {
          this.reset()
          this.inc({ direction: 'sent' }, sent[of])
          this.inc({ direction: 'received' }, received[of])
        },
      })
    register('handshakes_total', 'handshakes')
    register('frames_total', 'frames')
    register('frame_bytes_total', 'bytes')
  }

  #registerMesh({ overview, sizes }: MetricsOptions): void {
    this.#gauge('peers', 'Other nodes, by state.', ['state'], (gauge) => {
      const { nodes } = overview()
      for (const state of STATES) {
        gauge.set({ state }, nodes.filter((node) => node.state.kind === state).length)
      }
    })
    this.#gauge(
      'connections',
      'Nodes that we are connected to, by who dialed and whether it is a plain peer.',
      ['dialed_by', 'kind'],
      (gauge) => {
        for (const dialed_by of ['us', 'peer']) {
          for (const kind of ['fullmesh', 'plain']) gauge.set({ dialed_by, kind }, 0)
        }
        for (const { state } of overview().nodes) {
          if (state.kind !== 'connected') continue
          const { dialedBy: dialed_by, peer } = state.link
          gauge.inc({ dialed_by, kind: peer === undefined ? 'plain' : 'fullmesh' })
        }
      },
    )
    this.#gauge('table_entries', 'Entries of the tables of the core.', ['table'], (gauge) => {
      for (const [table, size] of Object.entries(sizes())) gauge.set({ table }, size)
    })
  }

  #registerProcess({ identity, version, runtime, startedAt }: MetricsOptions): void {
    const { code } = identity
    const labels = ['version', 'runtime', 'code'] as const
    this.#gauge('build_info', 'Always 1; what runs is in the labels.', labels, (gauge) =>
      gauge.set({ version, runtime, code }, 1),
    )
    // These have the names that every Prometheus client gives them, and no prefix.
    const registers = [this.#registry]
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When the node started, in seconds since 1970.',
      registers,
      collect() {
        this.set(startedAt.getTime() / 1000)
      },
    })
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss())
      },
    })
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the process.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage()
        this.reset()
        this.inc((user + system) / 1e6)
      },
    })
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) {
    return new Counter({ name: `fullmesh_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    fill: (gauge: Gauge<Label>) => void,
  ): void {
    new Gauge({
      name: `fullmesh_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        fill(this)
      },
    })
  }
}

interface FrameCount {
  handshakes: number
  frames: number
  bytes: number
}

function count(counted: FrameCount, bytes: number, isOne: boolean): void {
  counted.frames += 1
  counted.bytes += bytes
  if (isOne) counted.handshakes += 1
}

/**
 * Whether a frame is a HANDSHAKE, without decoding it again: with `type` as its first key or its
 * last one, as docs/PROTOCOL.md has it.
 */
function isHandshake(text: string): boolean {
  return (
    /^\s*\{\s*"type"\s*:\s*"HANDSHAKE"/.test(text.slice(0, GLANCE_CHARS)) ||
    /,\s*"type"\s*:\s*"HANDSHAKE"\s*\}\s*$/.test(text.slice(-GLANCE_CHARS))
  )
}

/** How much of each end of a frame is looked at. A peer may send much white space. */
const GLANCE_CHARS = 64
