/** Gets the status of the running node of a folder over HTTP. */

import { type IncomingMessage, request } from 'node:http'
import type { Config } from '../../config/config.ts'
import { missingPermission } from '../../errors/missing-permission.ts'
import { systemCodeOf } from '../../errors/system-error.ts'
import { parseStatus, type Status } from '../../http/status.ts'
import { quoted } from '../../log/printable.ts'
import { urlHost } from '../../mesh/address/ip.ts'
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
export type StatusTarget = Pick<Config, 'address' | 'listen' | 'port' | 'portSource' | 'timings'>

/**
 * Requests the status from the node that listens as `config` has it, within the time of a dial.
 *
 * @param program how this program is called, for messages
 * @throws {NodeError} STATUS_NODE_NOT_RUNNING when nothing listens there, STATUS_NOT_UNDERSTOOD
 * when the program that listens does not answer as a node does
 */
export async function requestStatus(config: StatusTarget, program: string): Promise<Answer> {
  const { port, portSource, timings } = config
  const placeOf = (host: string) => `${urlHost(host)}:${port} (PORT set in ${portSource})`
  const signal = AbortSignal.timeout(timings.dialTimeoutMs)
  const hosts = localHosts(config)
  for (const host of hosts) {
    const answer = await get(host, port, signal)
    if (answer === undefined) continue
    if (typeof answer !== 'string') return answer
    throw nodeNotUnderstood(placeOf(host), answer)
  }
  throw nodeNotRunning(placeOf(hosts[0] ?? 'localhost'), program)
}

/** The answer, or what is wrong with it; undefined when nothing listens there. */
function get(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Answer | string | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown): void => {
      const missing = missingPermission(error)
      if (missing === undefined) resolve(problemFor(error, signal))
      else reject(missing)
    }
    const sent = request({ host, port, path: '/peers', agent: false, signal }, (response) => {
      const onText = (text: string): void => resolve(answerIn(response.statusCode ?? 0, text))
      readText(response).then(onText, onError)
    })
    sent.on('error', onError).end()
  })
}

/** The answer, or what is wrong with it. */
function answerIn(statusCode: number, text: string): Answer | string {
  switch (statusCode) {
    case 200:
      break
    case 403:
      return 'refused (HTTP 403); add this IP to HTTP_ALLOW in its .env'
    case 426:
      return 'the node there is an older version without status (HTTP 426); restart it with this version'
    default:
      return `the program there is not a node of this version (HTTP ${statusCode})`
  }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return 'the program there is not a node: its answer is not JSON'
  }
  const parsed = parseStatus(document)
  if (parsed.kind === 'status') return { document, status: parsed.status }
  return `the program there is not a node of this version: in its answer, ${parsed.problem}`
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

function problemFor(error: unknown, signal: AbortSignal): string | undefined {
  if (signal.aborted) return 'no answer in time'
  switch (systemCodeOf(error)) {
    case 'ECONNREFUSED':
    // The machine lacks this IP or its family, so the node does not listen there either.
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENETUNREACH':
      return undefined
    default:
      return `connection lost: ${quoted(error instanceof Error ? error.message : String(error))}`
  }
}
