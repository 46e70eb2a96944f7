/** The HTTP side of a node without its mesh: a real server, and an overview that a test makes. */

import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import type { ExecutionContext } from 'ava'
import { HttpHandler, type HttpHandlerOptions } from '../../src/http/http-handler.ts'
import { Server } from '../../src/io/server.ts'
import { Counters } from '../../src/mesh/counters.ts'
import type { LinkView, NodeView, Overview } from '../../src/mesh/overview.ts'
import type { RequestTotals } from '../../src/requests/outputs.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import type { Identity } from '../../src/wire/headers.ts'
import { at, identityAt, meshId } from './core.ts'
import { freePort } from './free-port.ts'
import { TestTopics } from './test-topics.ts'

/** A response. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A request, besides its path. */
export interface RequestOptions {
  readonly method?: string
  readonly body?: string
  readonly headers?: OutgoingHttpHeaders
}

/** An HTTP handler behind a server on 127.0.0.1. */
export interface TestHandler {
  readonly handler: HttpHandler
  readonly server: Server
  readonly port: number
  /** What its core has. */
  overview: Overview
  ask(path: string, options?: RequestOptions): Promise<Reply>
}

/** The files of a page. */
export const PAGE = [
  { path: '/', type: 'text/html; charset=utf-8', text: '<!doctype html>\n' },
  { path: '/page.js', type: 'text/javascript; charset=utf-8', text: 'void 0\n' },
] as const

/** Starts a server with the handler. It stops after the test. */
export async function handlerFor(
  t: ExecutionContext,
  options: Partial<HttpHandlerOptions> = {},
  port?: number,
): Promise<TestHandler> {
  return handlerOn(t, options, port ?? (await freePort(t)))
}

/** What a node has counted of requests that had none. */
export const NO_REQUESTS: RequestTotals = {
  sent: 0,
  received: 0,
  outcomes: {
    answered: 0,
    abandoned: 0,
    NO_RESPONDER: 0,
    PEER_GONE: 0,
    RESPONDER_FAILED: 0,
    TIMEOUT: 0,
    TOO_MANY_REQUESTS: 0,
  },
  open: { sent: 0, received: 0 },
}

async function handlerOn(
  t: ExecutionContext,
  options: Partial<HttpHandlerOptions>,
  port: number,
): Promise<TestHandler> {
  const topics = new TestTopics(port)
  const handler = new HttpHandler({
    identity: identityAt(port),
    overview: () => test.overview,
    counters: () => new Counters(),
    messages: () => topics.pubsub.totals(monotonicMs()),
    requests: () => NO_REQUESTS,
    certificate: () => undefined,
    securityOf: () => ({ encrypted: false, key: null }),
    lagOf: () => 0,
    topics: topics.facts(),
    keys: () => undefined,
    isToken: undefined,
    unproven: () => undefined,
    ask: async () => null,
    sizes: () => ({ book: 3, links: 1 }),
    sources: () => [],
    survey: () => {},
    addPeer: () => {},
    forget: () => [],
    endpoint: { address: at(port), port, httpHosts: [] },
    onRefused: () => {},
    allow: [],
    topicsAllow: [],
    page: PAGE,
    version: '0.1.0',
    runtime: 'Node.js 22.23.2',
    ...options,
  })
  const server = new Server({
    problemWithPage: () => undefined,
    identity: identityAt(port),
    hosts: ['127.0.0.1'],
    port,
    portSource: 'the test',
    requestTimeoutMs: 60_000,
    onLink: (socket) => socket.terminate(),
    onNoDescriptors: () => {},
    onCrowded: () => {},
    onRequest: (incoming, response) => handler.handle(incoming, response),
  })
  t.teardown(() => {
    server.close()
    handler.close()
  })
  await server.listen()
  const test: TestHandler = {
    handler,
    server,
    port,
    overview: overviewWith([], identityAt(port)),
    ask: (path, options) => ask(port, path, options),
  }
  return test
}

/** Sends one request on a connection of its own. */
export function ask(port: number, path: string, options: RequestOptions = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port, path, method, headers, agent: false }
    const asked = request(target, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const COMPLETE = { kind: 'complete' } as const

/** An overview of these nodes, all of them members but those that are gone. */
export function overviewWith(
  nodes: readonly NodeView[],
  own: Identity = identityAt(4001),
): Overview {
  const { length: count } = nodes.filter(
    ({ state }) => state.kind !== 'connected' && state.kind !== 'gone',
  )
  const completeness = count > 0 ? ({ kind: 'missing', count } as const) : COMPLETE
  return { own, data: {}, completeness, nodes }
}

/** A node on this port, connected or otherwise. */
export function nodeAt(port: number, other: Partial<NodeView> = {}): NodeView {
  return {
    address: at(port),
    known: false,
    state: { kind: 'connected', link: linkTo(port) },
    lastEnding: undefined,
    ...other,
  }
}

/** A link to one of our nodes. */
export function linkTo(port: number, other: Partial<LinkView> = {}): LinkView {
  return {
    dialedBy: 'us',
    isSilent: false,
    openedMs: 1_000,
    roundTripMs: 0.4,
    peer: { id: meshId(port), code: 'a'.repeat(64), messages: true },
    report: undefined,
    data: {},
    ...other,
  }
}
