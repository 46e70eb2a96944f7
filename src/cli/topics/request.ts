/** `request`: asks a peer through the running node of a folder, and prints the answer. */

import { NodeError } from '../../errors/node-error.ts'
import { printable, quoted } from '../../log/printable.ts'
import { parseAddress } from '../../mesh/address/address.ts'
import { TIMEOUT_MS } from '../../requests/limits.ts'
import { DID_NOT_RUN } from '../../requests/outputs.ts'
import { isTopic } from '../../wire/topic.ts'
import { askNode, type NodePlace } from '../node-request.ts'
import { notRunning, refused, topicInvalid } from './topic-errors.ts'

export interface RequestOptions {
  readonly config: NodePlace
  /** How this program is called, for messages. */
  readonly program: string
  /** An address, or the id of a process. */
  readonly peer: string
  readonly topic: string
  /** Undefined for none: the body is null. */
  readonly text?: string
  readonly stdout: { readonly isTTY?: boolean; write(text: string): unknown }
}

/** How much longer the answer of the node may take than that of the peer, in ms. */
const MARGIN_MS = 5_000

/**
 * Asks, prints the answer, and gives the exit code.
 *
 * @throws {NodeError} CLI_PEER_INVALID, CLI_TOPIC_INVALID, TOPICS_NODE_NOT_RUNNING, or
 * TOPICS_REFUSED: with the exit code 1 when it did not run, and 3 when it failed or may have run
 */
export async function request(options: RequestOptions): Promise<0> {
  const { config, program, peer, topic, text, stdout } = options
  if (!isTopic(topic)) throw topicInvalid(topic)
  if (!/^[0-9a-f]{32}$/.test(peer) && parseAddress(peer).kind === 'rejected') {
    const message = `${quoted(peer)} is not a peer; write its address, such as ws://localhost:4002, or its id`
    throw new NodeError('CLI_PEER_INVALID', message)
  }
  const query = `to=${encodeURIComponent(peer)}&timeoutMs=${TIMEOUT_MS}`
  const path = `/requests/${encodeURIComponent(topic)}?${query}`
  const asked = { path, method: 'POST', text: text ?? '', timeoutMs: TIMEOUT_MS + MARGIN_MS }
  const answer = await askNode(config, text === undefined ? { ...asked, ...NULL } : asked)
  if (answer.kind === 'not-running') throw notRunning('nothing was asked', answer.place, program)
  if (answer.kind === 'failed') {
    const message = `it is not certain that it ran: ${answer.problem} on ${answer.place}`
    throw new NodeError('TOPICS_REFUSED', message, { exitCode: 3 })
  }
  if (answer.status === 200) {
    const value = jsonIn(answer.text)
    if (value === undefined) throw refused('nothing was asked', answer)
    stdout.write(`${shown(value, stdout.isTTY === true)}\n`)
    return 0
  }
  const [, code = '', reason = ''] = /^([A-Z_]+): (.*)/.exec(answer.text) ?? []
  if (code === '') throw refused('nothing was asked', answer)
  const isNever = code === 'NO_RESPONDER' || code === 'TOO_MANY_REQUESTS'
  // A responder that failed may quote a request of its own that did not run.
  const isGone = code === 'PEER_GONE' || code === 'TIMEOUT'
  const didNotRun = isNever || (isGone && reason.endsWith(DID_NOT_RUN))
  throw new NodeError('TOPICS_REFUSED', reason, { exitCode: didNotRun ? 1 : 3 })
}

const NULL = { text: 'null', headers: { 'Content-Type': 'application/json' } }

/** Undefined for what is not JSON: any program may answer on a port. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A text as it is, anything else as JSON; on a terminal without what would control it. */
function shown(value: unknown, isTerminal: boolean): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return isTerminal ? text.split('\n').map(printable).join('\n') : text
}
