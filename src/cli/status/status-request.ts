/** Gets the status of the running node of a folder over HTTP. */

import { NodeError } from '../../errors/node-error.ts'
import { parseStatus, type Status } from '../../http/status.ts'
import { askNode, type NodePlace } from '../node-request.ts'

/** A status: as it was served, and parsed. */
export interface Answer {
  readonly document: unknown
  readonly status: Status
}

/**
 * Requests the status from the node that listens as `config` has it, within the time of a dial.
 *
 * @param program how this program is called, for messages
 * @throws {NodeError} STATUS_NODE_NOT_RUNNING when nothing listens there, STATUS_NOT_UNDERSTOOD
 * when the program that listens does not answer as a node does
 */
export async function requestStatus(config: NodePlace, program: string): Promise<Answer> {
  const answer = await askNode(config, { path: '/peers' })
  const { place } = answer
  if (answer.kind === 'not-running') {
    const problem = `nothing listens on ${place}`
    const message = `the node is not running: ${problem}; start it with ${program}`
    throw new NodeError('STATUS_NODE_NOT_RUNNING', message, { exitCode: 1 })
  }
  const read = answer.kind === 'failed' ? answer.problem : answerIn(answer.status, answer.text)
  if (typeof read !== 'string') return read
  const message = `no status from ${place}: ${read}`
  throw new NodeError('STATUS_NOT_UNDERSTOOD', message, { exitCode: 1 })
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

function answerIn(statusCode: number, text: string): Answer | string {
  if (statusCode === 403) return 'refused (HTTP 403); add this IP to HTTP_ALLOW in its .env'
  if (statusCode === 426) {
    return 'what listens there has no status (HTTP 426): an older version, which a restart mends, or another program'
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
