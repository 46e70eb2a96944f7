/** Gets the status of the running node of a folder over HTTP. */

import { type IncomingMessage, request } from 'node:http'
import type { Config } from '../../config/config.ts'
import { missingPermission } from '../../errors/missing-permission.ts'
import { systemCodeOf } from '../../errors/system-error.ts'
import { parseStatus, type Status } from '../../http/status.ts'
import { quoted } from '../../log/printable.ts'
import { nodeNotRunning, nodeNotUnderstood } from '../errors.ts'
import { localHosts } from '../local-endpoint.ts'

/** A status: as it was served, and parsed. */
export interface Answer {
  readonly document: unknown
  readonly status: Status
}

/**
 * The longest answer that is read. In a mesh of a thousand nodes, an answer has a million
 * connections of about 25 bytes. Larger: another program on the port fills the memory.
 */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** Where the node listens, and how long its answer may take. */
export type Asked = Pick<Config, 'address' | 'listen' | 'port' | 'portSource' | 'timings'>

/**
 * Asks the node that listens as `config` has it, within the time that a dial may take.
 *
 * @param program how this program is called, for messages
 * @throws {NodeError} STATUS_NODE_NOT_RUNNING when nothing listens there, STATUS_NOT_UNDERSTOOD
 * when what listens does not answer as a node does
 */
export async function askRunningNode(config: Asked, program: string): Promise<Answer> {
  const { port, portSource: source, timings } = config
  const signal = AbortSignal.timeout(timings.dialTimeoutMs)
  for (const host of localHosts(config)) {
    const reply = await get(host, port, signal)
    if (reply.kind === 'refused') continue
    const problem = reply.kind === 'broken' ? reply.problem : problemWithAnswer(reply)
    const answer = problem ?? answerIn(reply.kind === 'answered' ? reply.text : '')
    if (typeof answer !== 'string') return answer
    throw nodeNotUnderstood({ host, port, source }, answer)
  }
  const host = localHosts(config)[0] ?? 'localhost'
  throw nodeNotRunning({ host, port, source }, program)
}

/** What came of a request. `problem` goes on after "what listens there". */
type Reply =
  | { readonly kind: 'answered'; readonly statusCode: number; readonly text: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'broken'; readonly problem: string }

function problemWithAnswer({
  statusCode,
}: Extract<Reply, { kind: 'answered' }>): string | undefined {
  switch (statusCode) {
    case 200:
      return undefined
    case 403:
      return 'refuses it (HTTP 403); add this IP to HTTP_ALLOW in its .env'
    case 426:
      return 'is a node of an older version, which has none (HTTP 426); restart it with this version'
    default:
      return `is no node of this version (HTTP ${statusCode})`
  }
}

/** The answer, or what is wrong with it. */
function answerIn(text: string): Answer | string {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return 'is no node: its answer is not JSON'
  }
  const parsed = parseStatus(document)
  if (parsed.kind === 'status') return { document, status: parsed.status }
  return `is no node of this version: in its answer, ${parsed.problem}`
}

function get(host: string, port: number, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown): void => {
      const missing = missingPermission(error)
      if (missing === undefined) resolve(replyFor(error, signal))
      else reject(missing)
    }
    const asking = request({ host, port, path: '/peers', agent: false, signal }, (response) => {
      const statusCode = response.statusCode ?? 0
      readText(response).then((text) => resolve({ kind: 'answered', statusCode, text }), onError)
    })
    asking.on('error', onError).end()
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

function replyFor(error: unknown, signal: AbortSignal): Reply {
  if (signal.aborted) return { kind: 'broken', problem: 'does not answer in time' }
  switch (systemCodeOf(error)) {
    case 'ECONNREFUSED':
    // The machine lacks this IP or its family, so the node does not listen there either.
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENETUNREACH':
      return { kind: 'refused' }
    default: {
      const text = error instanceof Error ? error.message : String(error)
      return { kind: 'broken', problem: `breaks off: ${quoted(text)}` }
    }
  }
}
