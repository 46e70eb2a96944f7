/**
 * The HTTP side of a node: takes a request that is no upgrade, and answers it. Serves the page,
 * `/events`, `/health`, `/peers` and `/metrics` (docs/PROTOCOL.md §8). It only looks; nothing that
 * is asked here changes the mesh, and no request makes it throw.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { IpRange } from '../mesh/address/ip-range.ts'
import type { Counters } from '../mesh/counters.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { Overview } from '../mesh/overview.ts'
import { TokenBucket } from '../mesh/token-bucket.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { Identity } from '../wire/headers.ts'
import { type Answer, json, line, send } from './answer.ts'
import { Clock, type ClockOptions } from './clock.ts'
import { EventStream } from './event-stream.ts'
import { healthOf } from './health.ts'
import { REQUESTS_BURST, REQUESTS_PER_SECOND, URL_CHARS_MAX, WAITING_MAX } from './limits.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'
import type { PageFile } from './page-file.ts'
import { RecentEvents } from './recent-events.ts'
import { type AuthorizationRules, refusalOf } from './request-authorization.ts'
import type { Status } from './status.ts'
import { statusOf } from './status-of.ts'
import { SurveyScheduler } from './survey-scheduler.ts'

/** What a site needs. */
export interface SiteOptions {
  /** Who the node says it is. */
  readonly identity: Identity
  /** What the core knows now. Not asked before the first request. */
  readonly overview: () => Overview
  /** What the core has counted. */
  readonly counters: () => Counters
  /** How many entries each table of the core holds, by its name. */
  readonly sizes: () => Readonly<Record<string, number>>
  /** The port that the node listens on. */
  readonly port: number
  /** Who may ask besides this machine. */
  readonly allow: readonly IpRange[]
  /** The files of the page. Without any, `/` is not found. */
  readonly page: readonly PageFile[]
  /** Such as `0.1.0`. */
  readonly version: string
  /** Such as `Node.js 22.23.2`. */
  readonly runtime: string
  /** Somebody looks: time to ask the peers for their links. */
  readonly look: () => void
  /** Default: the clocks of this process. */
  readonly clock?: ClockOptions
}

/** What is served besides the page. */
const PATHS = ['/events', '/health', '/metrics', '/peers'] as const

type Path = (typeof PATHS)[number]

/** The other end of a connection. */
interface Caller {
  /** How fast it may ask. */
  readonly pace: TokenBucket
  /** How many documents are being made for it. */
  waiting: number
  /** It was turned away: the connection ends when it has read that. */
  isRefused: boolean
}

/** The HTTP side of one node. Begins to count at once. */
export class Site {
  readonly #options: SiteOptions
  readonly #rules: AuthorizationRules
  readonly #clock: Clock
  readonly #startedAt: string
  readonly #recentEvents = new RecentEvents()
  readonly #events: EventStream
  readonly #surveys: SurveyScheduler
  readonly #callers = new WeakMap<Socket, Caller>()

  constructor(options: SiteOptions) {
    const { allow, identity, port } = options
    this.#options = options
    this.#rules = { own: { address: identity.address, port }, allow }
    this.#clock = new Clock(options.clock)
    this.#startedAt = this.#clock.dateOf(this.#clock.nowMs())
    this.#surveys = new SurveyScheduler(options)
    this.#events = new EventStream({
      fingerprint: () => fingerprintOf(options.overview()),
      document: () => JSON.stringify(this.status()),
      onWatchers: (isWatched) => this.#surveys.setWatched(isWatched),
    })
  }

  /** Is to be told what happens in the mesh. */
  observe(event: MeshEvent): void {
    this.#recentEvents.observe(event, this.#clock.nowMs())
    if (event.kind === 'peer-joined' || event.kind === 'peer-left') this.#surveys.surveySoon()
  }

  /** The status as of now. */
  status(): Status {
    const { overview, version, runtime } = this.#options
    const dateOf = (coreMs: number): string => this.#clock.dateOf(coreMs)
    return statusOf(overview(), {
      version,
      runtime,
      startedAt: this.#startedAt,
      nowMs: this.#clock.nowMs(),
      dateOf,
      log: this.#recentEvents.lines(dateOf),
    })
  }

  /** Answers a request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { path, query } = targetOf(request)
    const caller = this.#callerOn(request.socket)
    // A packet has room for a thousand requests; to answer each of them would fill the memory.
    if (caller.isRefused) return
    const refusal = this.#refusalOf(request, path, caller)
    if (refusal !== undefined) {
      caller.isRefused = true
      return send(request, response, refusal)
    }
    const file = this.#options.page.find((one) => one.path === path)
    if (file !== undefined) return send(request, response, { ...file, status: 200 })
    const known = PATHS.find((one) => one === path)
    if (known !== undefined) return this.#serve(known, query, request, response)
    const all = [...this.#options.page.map((one) => one.path), ...PATHS].join(' ')
    send(request, response, line(404, `there is nothing here; there is: ${all}`))
  }

  /** Ends what is under way, for good. Idempotent. */
  close(): void {
    this.#events.close()
  }

  #serve(path: Path, query: string, request: IncomingMessage, response: ServerResponse): void {
    switch (path) {
      case '/events':
        return this.#serveEvents(request, response)
      case '/health':
        return send(request, response, healthOf(this.#options.overview(), query))
      case '/metrics':
        return this.#sendLater(request, response, async () => {
          return { status: 200, type: METRICS_TYPE, text: await this.#metrics() }
        })
      case '/peers':
        return this.#sendLater(request, response, async () => {
          await this.#surveys.surveyOnce()
          return json(200, this.status())
        })
      default:
        path satisfies never
    }
  }

  #metrics(): Promise<string> {
    const { counters, overview, sizes, runtime, version } = this.#options
    const startedAt = new Date(this.#startedAt)
    return metricsText({
      overview: overview(),
      counters: counters(),
      sizes: sizes(),
      runtime,
      version,
      startedAt,
    })
  }

  #sendLater(
    request: IncomingMessage,
    response: ServerResponse,
    make: () => Promise<Answer>,
  ): void {
    const caller = this.#callerOn(request.socket)
    if (caller.waiting >= WAITING_MAX) {
      caller.isRefused = true
      return send(request, response, TOO_FAST)
    }
    caller.waiting += 1
    make().then((answer) => {
      caller.waiting -= 1
      send(request, response, answer)
    })
  }

  #serveEvents(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'HEAD') {
      return send(request, response, { status: 200, type: 'text/event-stream', text: '' })
    }
    if (!this.#events.isFull) return this.#events.open(response)
    const full = line(503, 'too many listen already; close a page', { 'Retry-After': '10' })
    send(request, response, full)
  }

  /** What is wrong with a request, whatever it asks for. */
  #refusalOf(request: IncomingMessage, path: string, caller: Caller): Answer | undefined {
    const { headers, method, socket, url = '' } = request
    const refusal = refusalOf({ ip: socket.remoteAddress, path, headers }, this.#rules)
    if (refusal !== undefined) return line(refusal.status, refusal.text)
    if (!caller.pace.take(monotonicMs())) return TOO_FAST
    if (method !== 'GET' && method !== 'HEAD') {
      return line(405, 'here one can only look: GET or HEAD', { Allow: 'GET, HEAD' })
    }
    if (url.length <= URL_CHARS_MAX) return undefined
    return line(414, `what you ask for is longer than ${URL_CHARS_MAX} characters`)
  }

  #callerOn(socket: Socket): Caller {
    const known = this.#callers.get(socket)
    if (known !== undefined) return known
    const pace = new TokenBucket(REQUESTS_BURST, REQUESTS_PER_SECOND, monotonicMs())
    const caller = { pace, waiting: 0, isRefused: false }
    this.#callers.set(socket, caller)
    return caller
  }
}

const TOO_FAST = line(429, 'you ask faster than we care to answer')

/**
 * What can change in a picture, as text. The lists that peers tell are most of it in a large mesh;
 * their revisions say as much.
 */
function fingerprintOf(overview: Overview): string {
  return JSON.stringify(overview, (key, value: unknown) =>
    key === 'connectedAddresses' ? undefined : value,
  )
}

/** Taken as it is: what is spelt in another way is not ours. */
function targetOf({ url = '' }: IncomingMessage): {
  readonly path: string
  readonly query: string
} {
  const end = url.indexOf('?')
  return end === -1
    ? { path: url, query: '' }
    : { path: url.slice(0, end), query: url.slice(end + 1) }
}
