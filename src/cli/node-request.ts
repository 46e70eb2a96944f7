/** Sends a request to the running node of a folder over HTTP. */

import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import type { Config } from '../config/config.ts'
import { localHosts } from '../config/listening.ts'
import { refusalOf, systemCodeOf, textOf, tlsProblemOf } from '../errors/system-error.ts'
import { quoted } from '../log/printable.ts'
import { urlHost } from '../mesh/address/ip.ts'
import { connect } from '../runtime/on-demand.ts'
import { TLS_OFFER } from '../tls/first-byte.ts'

/** Where the node listens, and how long its answer may take. */
export type NodePlace = Pick<Config, 'isSecure' | 'listen' | 'port' | 'portSource' | 'timings'>

export interface NodeRequest {
  readonly path: string
  /** Default `GET`. */
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as text. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Keeps the connection for the next request. Default: none. */
  readonly agent?: Agent
  /** How long the answer may take. Default: the time of a dial. */
  readonly timeoutMs?: number
}

/** Keeps one connection to the node for many requests, one after the other. */
export function keptConnection({ isSecure }: NodePlace): Agent {
  const options = { keepAlive: true, maxSockets: 1 }
  return isSecure ? new TlsAgent(options) : new Agent(options)
}

/** `place`: where the node listens, for messages. */
type Answer<Of> = { readonly place: string } & (
  | ({ readonly kind: 'answered'; readonly status: number } & Of)
  | { readonly kind: 'not-running' }
  | { readonly kind: 'failed'; readonly problem: string }
)

export type NodeAnswer = Answer<{ readonly text: string }>

/**
 * The longest answer that is read. In a mesh of a thousand nodes, an answer has a million
 * connections of about 25 bytes. Larger: another program on the port fills the memory.
 */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/**
 * The answer of what listens where the node does, in time.
 *
 * @throws {NodeError} RUNTIME_… when this process may not connect
 */
export function askNode(to: NodePlace, what: NodeRequest): Promise<NodeAnswer> {
  const signal = AbortSignal.timeout(what.timeoutMs ?? to.timings.dialTimeoutMs)
  return firstAnswer(to, what, signal, async (response) => ({ text: await readText(response) }))
}

/** The same for an answer that does not end; it begins within the time of a dial. */
export async function openNode(
  to: NodePlace,
  what: NodeRequest,
  signal: AbortSignal,
): Promise<Answer<{ readonly response: IncomingMessage }>> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), to.timings.dialTimeoutMs)
  const either = AbortSignal.any([signal, late.signal])
  try {
    return await firstAnswer(to, what, either, async (response) => ({ response }))
  } finally {
    clearTimeout(timer)
  }
}

async function firstAnswer<Of>(
  to: NodePlace,
  what: NodeRequest,
  signal: AbortSignal,
  read: (response: IncomingMessage) => Promise<Of>,
): Promise<Answer<Of>> {
  const { isSecure, listen, port, portSource } = to
  const placeOf = (host: string) => `${urlHost(host)}:${port} (PORT set in ${portSource})`
  const hosts = localHosts(listen)
  for (const host of hosts) {
    const place = placeOf(host)
    try {
      const response = await answerTo(what, isSecure, { host, port, signal })
      if (response.headers.upgrade === TLS_OFFER) {
        response.destroy()
        return { kind: 'failed', place, problem: `speaks TLS; ${RESTART_FIX}` }
      }
      return {
        kind: 'answered',
        place,
        status: response.statusCode ?? 0,
        ...(await read(response)),
      }
    } catch (error) {
      const problem = problemFor(error, signal)
      if (problem !== undefined) return { kind: 'failed', place, problem }
    }
  }
  return { kind: 'not-running', place: placeOf(hosts[0] ?? 'localhost') }
}

function answerTo(
  { agent, body, text, headers, method, path }: NodeRequest,
  isSecure: boolean,
  target: RequestOptions,
): Promise<IncomingMessage> {
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body))
  const type = text === undefined ? 'application/json' : 'text/plain; charset=utf-8'
  const length = Buffer.byteLength(content ?? '')
  const typed = content === undefined ? {} : { 'Content-Type': type, 'Content-Length': length }
  // Not the IP, which can have a zone.
  const all = { Host: `localhost:${target.port}`, ...typed, ...headers }
  return new Promise((resolve, reject) => {
    const via = agent ?? (isSecure ? new TlsAgent() : false)
    const sent = request({ ...target, agent: via, method, path, headers: all }, resolve)
    sent.on('error', reject).end(content)
  })
}

/**
 * TLS to the node of this machine. Its certificate is for peers, who have a proof of it: whoever
 * can listen here in its place could do so without TLS, too. That of `node:https` takes a
 * permission on Deno.
 */
class TlsAgent extends Agent {
  override createConnection(options: ConnectionOptions): TLSSocket {
    return connect({ ...options, rejectUnauthorized: false, servername: '' })
  }
}

/** The text of an answer. @throws {Error} when it is too long */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`more than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The node may have read another .env. */
const RESTART_FIX = 'if ADDRESS or TLS has changed since it started, restart it'

/** The last three: the machine lacks the IP, so the node does not listen there either. */
const NOT_LISTENING = ['ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH']

/** What is wrong; undefined when nothing listens there. */
function problemFor(error: unknown, signal: AbortSignal): string | undefined {
  if (signal.aborted) return 'no answer in time'
  if (NOT_LISTENING.includes(refusalOf(error))) return undefined
  const tlsProblem = tlsProblemOf(error)
  const problem = tlsProblem ?? `connection lost: ${quoted(textOf(error))}`
  if (tlsProblem === undefined && systemCodeOf(error) !== 'ECONNRESET') return problem
  return `${problem}; ${RESTART_FIX}`
}
