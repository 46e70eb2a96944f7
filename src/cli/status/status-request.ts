/** Gets the status of the running node of a folder over HTTP. */

import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Config } from '../../config/config.ts'
import { localHosts } from '../../config/listening.ts'
import { NodeError } from '../../errors/node-error.ts'
import { refusalOf } from '../../errors/system-error.ts'
import { parseStatus, type Status } from '../../http/status.ts'
import { quoted } from '../../log/printable.ts'
import { urlHost } from '../../mesh/address/ip.ts'

/** A status: as it was served, and parsed. */
export interface Answer {
  readonly document: unknown
  readonly status: Status
}

/**
 * The longest answer that is read. In a mesh of a thousand nodes, an answer has a million
 * connections of about 25 bytes. Larger: another program on the port fills the memory.
 */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** Where the node listens, and how long its answer may take. */
export type StatusTarget = Pick<Config, 'listen' | 'port' | 'portSource' | 'timings'>

/**
 * Requests the status from the node that listens as `config` has it, within the time of a dial.
 *
 * @param program how this program is called, for messages
 * @throws {NodeError} STATUS_NODE_NOT_RUNNING when nothing listens there, STATUS_NOT_UNDERSTOOD
 * when the program that listens does not answer as a node does
 */
export async function requestStatus(config: StatusTarget, program: string): Promise<Answer> {
  const { listen, port, portSource, timings } = config
  const placeOf = (host: string) => `${urlHost(host)}:${port} (PORT set in ${portSource})`
  const signal = AbortSignal.timeout(timings.dialTimeoutMs)
  const hosts = localHosts(listen)
  for (const host of hosts) {
    const answer = await answerFrom({ host, port, signal })
    if (answer === undefined) continue
    if (typeof answer !== 'string') return answer
    const message = `no status from ${placeOf(host)}: ${answer}`
    throw new NodeError('STATUS_NOT_UNDERSTOOD', message, { exitCode: 1 })
  }
  const problem = `nothing listens on ${placeOf(hosts[0] ?? 'localhost')}`
  const message = `the node is not running: ${problem}; start it with ${program}`
  throw new NodeError('STATUS_NODE_NOT_RUNNING', message, { exitCode: 1 })
}

/** The status, or in one line why there is none. */
export async function statusOrProblem(request: () => Promise<Status>): Promise<Status | string> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof NodeError) return error.message
    throw error
  }
}

/** The answer, or what is wrong with it; undefined when nothing listens there. */
async function answerFrom(target: RequestOptions): Promise<Answer | string | undefined> {
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // Not the IP, which can have a zone.
      const headers = { Host: `localhost:${target.port}` }
      const sent = request({ ...target, path: '/peers', headers, agent: false }, resolve)
      sent.on('error', reject).end()
    })
    return answerIn(response.statusCode ?? 0, await readText(response))
  } catch (error) {
    return problemFor(error, target.signal)
  }
}

function answerIn(statusCode: number, text: string): Answer | string {
  if (statusCode === 403) return 'refused (HTTP 403); add this IP to HTTP_ALLOW in its .env'
  if (statusCode === 426) {
    return 'the node there is an older version without status (HTTP 426); restart it with this version'
  }
  const other = 'the program there is not a node'
  if (statusCode !== 200) return `${other} of this version (HTTP ${statusCode})`
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return `${other}: its answer is not JSON`
  }
  const parsed = parseStatus(document)
  if (parsed.kind === 'status') return { document, status: parsed.status }
  return `${other} of this version: in its answer, ${parsed.problem}`
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
function problemFor(error: unknown, signal?: AbortSignal): string | undefined {
  if (signal?.aborted) return 'no answer in time'
  if (NOT_LISTENING.includes(refusalOf(error))) return undefined
  return `connection lost: ${quoted(error instanceof Error ? error.message : String(error))}`
}
