/** Sends a request to the running node of a folder over HTTP. */

import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Config } from '../config/config.ts'
import { localHosts } from '../config/listening.ts'
import { refusalOf } from '../errors/system-error.ts'
import { quoted } from '../log/printable.ts'
import { urlHost } from '../mesh/address/ip.ts'

/** Where the node listens, and how long its answer may take. */
export type NodePlace = Pick<Config, 'listen' | 'port' | 'portSource' | 'timings'>

export interface NodeRequest {
  readonly path: string
  /** Default `GET`. */
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
}

/** `place`: where the node listens, for messages. */
export type NodeAnswer = { readonly place: string } & (
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'not-running' }
  | { readonly kind: 'failed'; readonly problem: string }
)

/**
 * The longest answer that is read. In a mesh of a thousand nodes, an answer has a million
 * connections of about 25 bytes. Larger: another program on the port fills the memory.
 */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/**
 * The answer of what listens where the node does, within the time of a dial.
 *
 * @throws {NodeError} RUNTIME_… when this process may not connect
 */
export async function askNode(to: NodePlace, what: NodeRequest): Promise<NodeAnswer> {
  const { listen, port, portSource, timings } = to
  const placeOf = (host: string) => `${urlHost(host)}:${port} (PORT set in ${portSource})`
  const signal = AbortSignal.timeout(timings.dialTimeoutMs)
  const hosts = localHosts(listen)
  for (const host of hosts) {
    const place = placeOf(host)
    try {
      const response = await answerTo(what, { host, port, signal })
      const text = await readText(response)
      return { kind: 'answered', place, status: response.statusCode ?? 0, text }
    } catch (error) {
      const problem = problemFor(error, signal)
      if (problem !== undefined) return { kind: 'failed', place, problem }
    }
  }
  return { kind: 'not-running', place: placeOf(hosts[0] ?? 'localhost') }
}

function answerTo(
  { body, ...what }: NodeRequest,
  target: RequestOptions,
): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const typed = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  // Not the IP, which can have a zone.
  const headers = { Host: `localhost:${target.port}`, ...(body === undefined ? {} : typed) }
  return new Promise((resolve, reject) => {
    const sent = request({ ...target, ...what, headers, agent: false }, resolve)
    sent.on('error', reject).end(text)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
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

/** The last three: the machine lacks the IP, so the node does not listen there either. */
const NOT_LISTENING = ['ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH']

/** What is wrong; undefined when nothing listens there. */
function problemFor(error: unknown, signal: AbortSignal): string | undefined {
  if (signal.aborted) return 'no answer in time'
  if (NOT_LISTENING.includes(refusalOf(error))) return undefined
  return `connection lost: ${quoted(error instanceof Error ? error.message : String(error))}`
}
