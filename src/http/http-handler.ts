/**
 * The HTTP side of a node: answers requests that are no upgrade. Serves the page, `/events`,
 * `/health`, `/peers`, `/metrics`, topics and requests to peers (docs/PROTOCOL.md §8).
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { IpRange } from '../mesh/address/ip-range.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { Overview } from '../mesh/overview.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { TokenBucket } from '../structures/token-bucket.ts'
import { Clock } from './clock.ts'
import { EventStream } from './event-stream.ts'
import { healthOf } from './health.ts'
import {
  EVENT_STREAM_CLIENTS_MAX,
  RECENT_EVENTS_MAX,
  REQUESTS_BURST,
  REQUESTS_PER_SECOND,
  URL_CHARS_MAX,
  WAITING_MAX,
} from './limits.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'
import { OpenAnswers } from './open-answers.ts'
import type { PageFile } from './page-file.ts'
import { changePeers, isChange, methodsOf } from './peer-changes.ts'
import { Questions } from './questions.ts'
import { refusalOfChange, refusalOfRequest, refusalOfTopics } from './request-authorization.ts'
import { BodyReader } from './request-body.ts'
import { hostsOf, targetOf } from './request-target.ts'
import { type HttpResponse, json, line, NO_EVENTS, send } from './response.ts'
import type { NodeSite, SiteFacts } from './site.ts'
import type { Status } from './status.ts'
import { buildStatus, type PastEvent } from './status-document.ts'
import { SurveyScheduler } from './survey-scheduler.ts'
import { isRequestsPath, isTopicsPath } from './topic-target.ts'
import { Topics } from './topics.ts'

export interface HttpHandlerOptions extends SiteFacts {
  /** IPs that may send requests besides this machine. */
  readonly allow: readonly IpRange[]
  /** The same for topics. */
  readonly topicsAllow: readonly IpRange[]
  /** The files of the page. Without any, `/` is not found. */
  readonly page: readonly PageFile[]
  /** Such as `0.1.0`. */
  readonly version: string
  /** Such as `Node.js 22.23.2`. */
  readonly runtime: string
}

/** What is served besides the page. */
const PATHS = ['/events', '/health', '/metrics', '/peers', '/topics/TOPIC', '/requests/TOPIC']

interface ClientConnection {
  readonly rate: TokenBucket
  /** How many documents are being made for it. */
  waiting: number
  /** A request was refused: the connection closes after that response. */
  isRefused: boolean
}

export class HttpHandler implements NodeSite {
  readonly #options: HttpHandlerOptions
  readonly #clock = new Clock()
  readonly #startedAt = this.#clock.dateOf(this.#clock.nowMs())
  /** Joins and leaves, oldest first. */
  readonly #recentEvents: PastEvent[] = []
  readonly #events: EventStream
  readonly #surveys: SurveyScheduler
  readonly #open = new OpenAnswers()
  readonly #topics: Topics
  readonly #questions: Questions
  readonly #connections = new WeakMap<Socket, ClientConnection>()

  constructor(options: HttpHandlerOptions) {
    this.#options = options
    this.#surveys = new SurveyScheduler(options)
    this.#events = new EventStream({
      fingerprint: () => fingerprintOf(options.overview()),
      document: () => JSON.stringify(this.status()),
      onActive: (isActive) => this.#surveys.setActive(isActive),
    })
    const bodies = new BodyReader()
    this.#topics = new Topics(options.topics, options.identity.id, bodies)
    this.#questions = new Questions(options.ask, bodies)
  }

  observe(event: MeshEvent): void {
    if (event.kind !== 'peer-joined' && event.kind !== 'peer-left') return
    this.#recentEvents.push({ event, atMs: this.#clock.nowMs() })
    if (this.#recentEvents.length > RECENT_EVENTS_MAX) this.#recentEvents.shift()
    this.#surveys.surveySoon()
  }

  wake(): void {
    this.#topics.wake()
  }

  status(): Status {
    const { certificate, keys, overview, sources, unproven, ...facts } = this.#options
    const { lagOf, securityOf, version, runtime } = facts
    return buildStatus(overview(), {
      certificate: certificate(),
      lagOf,
      securityOf,
      version,
      runtime,
      startedAt: this.#startedAt,
      clock: this.#clock,
      keys: keys(),
      unproven: unproven(),
      events: this.#recentEvents,
      sources: sources(),
    })
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const { path, query } = targetOf(request)
    const connection = this.#connectionOf(request.socket)
    // One packet has room for a thousand requests; a response to each would fill the memory.
    if (connection.isRefused) return
    const refusal = this.#refusalFor(request, path, connection)
    if (refusal !== undefined) {
      connection.isRefused = true
      return send(request, response, refusal)
    }
    if (isChange(path, request)) {
      return this.#sendLater(request, response, () => changePeers(request, query, this.#options))
    }
    if (isTopicsPath(path)) return this.#topics.answer(request, response, path, query)
    if (isRequestsPath(path)) {
      const isTaken = this.#questions.answer(request, response, { path, query })
      connection.isRefused = !isTaken
      return
    }
    switch (path) {
      case '/events':
        return this.#sendEvents(request, response)
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
        return send(request, response, this.#fileAt(path))
    }
  }

  /** Ends all event streams, and answers all other requests, for good. Idempotent. */
  close(): void {
    this.#open.close()
    this.#events.close()
    this.#topics.close()
    this.#questions.close()
  }

  #metrics(): Promise<string> {
    const { certificate, counters, keys, messages, overview, requests, sizes, ...facts } =
      this.#options
    return metricsText({
      ...facts,
      certificate: certificate(),
      keys: keys() ?? [],
      overview: overview(),
      counters: counters(),
      messages: messages(),
      requests: requests(),
      sizes: sizes(),
      startedAt: new Date(this.#startedAt),
    })
  }

  #fileAt(path: string): HttpResponse {
    const { page } = this.#options
    const file = page.find((one) => one.path === path)
    if (file !== undefined) return { ...file, status: 200 }
    const all = [...page.map((one) => one.path), ...PATHS].join(' ')
    return line(404, `not found; this node serves ${all}`)
  }

  #sendLater(
    request: IncomingMessage,
    response: ServerResponse,
    make: () => Promise<HttpResponse>,
  ): void {
    const connection = this.#connectionOf(request.socket)
    if (connection.waiting >= WAITING_MAX) {
      connection.isRefused = true
      return send(request, response, TOO_MANY_WAIT)
    }
    connection.waiting += 1
    this.#open.answer(make, STOPPING).then((made) => {
      connection.waiting -= 1
      send(request, response, made)
    })
  }

  #sendEvents(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'HEAD') {
      return send(request, response, NO_EVENTS)
    }
    if (!this.#events.isFull) return this.#events.open(response)
    const problem = `/events has ${EVENT_STREAM_CLIENTS_MAX} clients already; close a page`
    send(request, response, line(503, problem, { 'Retry-After': '10' }))
  }

  /** Why a request is refused, whatever its path. */
  #refusalFor(
    request: IncomingMessage,
    path: string,
    { rate }: ClientConnection,
  ): HttpResponse | undefined {
    const { headers, method, socket, url = '' } = request
    const { allow, topicsAllow, endpoint, isToken, onRefused } = this.#options
    const { remoteAddress: ip, localAddress: localIp } = socket
    const facts = { ip, localIp, path, headers }
    const changes = isChange(path, request)
    const isOfTopics = isTopicsPath(path) || isRequestsPath(path)
    const refusal = isOfTopics
      ? refusalOfTopics(facts, endpoint, topicsAllow, isToken)
      : changes
        ? refusalOfChange(facts, endpoint)
        : refusalOfRequest(facts, endpoint, allow)
    if (refusal !== undefined) {
      onRefused(refusal.text.trimEnd())
      return refusal
    }
    if (hostsOf(request) > 1) return TWO_HOSTS
    // What describes the whole mesh is costly; a message is not.
    if (!isOfTopics && !rate.take(monotonicMs())) return TOO_MANY_REQUESTS
    const mayPost = changes || (isOfTopics && method === 'POST')
    if (method !== 'GET' && method !== 'HEAD' && !mayPost) {
      const methods = methodsOf(path)
      return line(405, `method not allowed; use ${methods}`, { Allow: methods })
    }
    if (url.length <= URL_CHARS_MAX) return undefined
    return line(414, `the request target has more than ${URL_CHARS_MAX} characters`)
  }

  #connectionOf(socket: Socket): ClientConnection {
    const known = this.#connections.get(socket)
    if (known !== undefined) return known
    const rate = new TokenBucket(REQUESTS_BURST, REQUESTS_PER_SECOND, monotonicMs())
    const connection = { rate, waiting: 0, isRefused: false }
    this.#connections.set(socket, connection)
    return connection
  }
}

const TWO_HOSTS = line(400, 'the request has more than one Host header; send one')

const TOO_MANY_REQUESTS = line(
  429,
  `more than ${REQUESTS_BURST} requests at once, or ${REQUESTS_PER_SECOND} a second, on one connection; send fewer`,
)

const TOO_MANY_WAIT = line(
  429,
  `more than ${WAITING_MAX} requests wait on one connection; wait for their answers`,
)

const STOPPING = line(503, 'the node stops')

/**
 * Changes whenever the status does. The lists of the peers are most of a large mesh; their
 * revisions stand for them.
 */
function fingerprintOf(overview: Overview): string {
  return JSON.stringify(overview, (key, value) => (key === 'connected' ? undefined : value))
}
