/**
 * `subscribe`: shows what the running node of a folder gets, until a signal. While the node
 * restarts it waits, and says so on standard error.
 */

import type { IncomingMessage } from 'node:http'
import { NodeError } from '../../errors/node-error.ts'
import { type LogStream, usesColour } from '../../log/log.ts'
import { quoted } from '../../log/printable.ts'
import { delay } from '../../runtime/on-demand.ts'
import { type NodePlace, openNode, readText } from '../node-request.ts'
import { EventColumns, jsonLine } from './event-lines.ts'
import { eventsIn, type ServerEvent } from './server-events.ts'
import { notRunning, refused } from './topic-errors.ts'

export interface SubscribeOptions {
  readonly config: NodePlace
  /** How this program is called, for messages. */
  readonly program: string
  readonly pattern: string
  /** Whether to begin with all that the node keeps. */
  readonly history: boolean
  readonly stdout: LogStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Prints a line that is no message. */
  readonly warn: (line: string) => void
  readonly signal: AbortSignal
  /** Between two attempts to connect again, in ms. Default {@link RETRY_MS}. */
  readonly retryMs?: number
}

/** Larger: the node keeps what comes meanwhile for no less. Smaller: more attempts in vain. */
const RETRY_MS = 500

/**
 * Shows messages until the signal, and gives the exit code.
 *
 * @throws {NodeError} CLI_TOPIC_INVALID, TOPICS_NODE_NOT_RUNNING when the node was not running from
 * the start, TOPICS_REFUSED
 */
export async function subscribe(options: SubscribeOptions): Promise<0> {
  const { config, program, pattern, history, signal, warn, retryMs = RETRY_MS } = options
  const path = `/topics/${encodeURIComponent(pattern)}${history ? '?history=kept' : ''}`
  const show = printerFor(options)
  let lastId: string | undefined
  let isLost = false
  while (!signal.aborted) {
    const headers: Record<string, string> = lastId === undefined ? {} : { 'Last-Event-ID': lastId }
    const answer = await openNode(config, { path, headers }, signal)
    if (signal.aborted) break
    if (answer.kind === 'answered' && isStream(answer)) {
      if (isLost) warn('connected again')
      isLost = false
      for await (const event of untilEnd(answer.response)) {
        const { id = lastId, data } = event
        if (runOf(id) !== runOf(lastId ?? id)) warn(RESTARTED)
        lastId = id
        if (data !== undefined) await show(event)
        if (signal.aborted) break
      }
    } else if (lastId === undefined || (answer.kind === 'answered' && answer.status !== 503)) {
      throw await problemOf(answer, pattern, program)
    }
    if (signal.aborted) break
    if (!isLost) warn('the connection to the node ended; waiting until it is back')
    isLost = true
    await delay(retryMs, signal).catch(() => {})
  }
  return 0
}

type Followed = Extract<Awaited<ReturnType<typeof openNode>>, { readonly kind: 'answered' }>

const EVENTS_TYPE = 'text/event-stream'

const RESTARTED =
  'the node was restarted: what was published meanwhile is missing, what was published just before may come again'

/** Whether a node sends events: any program may answer on a port. */
function isStream({ status, response }: Followed): boolean {
  return status === 200 && response.headers['content-type'] === EVENTS_TYPE
}

/** The events of a response, until it ends in whatever way. */
async function* untilEnd(response: IncomingMessage): AsyncGenerator<ServerEvent> {
  try {
    yield* eventsIn(response)
  } catch {
    // The node was killed, or the signal came.
  }
}

/** What the id of an event has of the run of the node. */
function runOf(id: string | undefined): string | undefined {
  return id?.split('-')[0]
}

/** Prints events as fast as they are read. */
function printerFor({ stdout, env, signal }: SubscribeOptions) {
  const columns = new EventColumns()
  const coloured = usesColour(stdout, env)
  return async (event: ServerEvent): Promise<void> => {
    const line = stdout.isTTY ? columns.line(event, { coloured, now: new Date() }) : jsonLine(event)
    if (!stdout.write(`${line}\n`)) await whenDrained(stdout, signal)
  }
}

function whenDrained(stdout: LogStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onEnd = (): void => {
      stdout.off('drain', onEnd)
      signal.removeEventListener('abort', onEnd)
      resolve()
    }
    stdout.on('drain', onEnd)
    signal.addEventListener('abort', onEnd)
    if (signal.aborted) onEnd()
  })
}

async function problemOf(
  answer: Awaited<ReturnType<typeof openNode>>,
  pattern: string,
  program: string,
): Promise<NodeError> {
  const what = `cannot follow ${quoted(pattern)}`
  const { place } = answer
  if (answer.kind === 'not-running') return notRunning(what, place, program)
  if (answer.kind === 'failed') {
    const message = `${what}: ${answer.problem} on ${place}; run status to see whether the node runs`
    return new NodeError('TOPICS_REFUSED', message, { exitCode: 1 })
  }
  if (answer.status === 400) {
    const message = `${quoted(pattern)} is not a pattern; write a topic such as a.b, or a.*, or a.>`
    return new NodeError('CLI_TOPIC_INVALID', message)
  }
  if (answer.status === 200) {
    answer.response.destroy()
    const message = `${what}: the program on ${place} is not a node`
    return new NodeError('TOPICS_REFUSED', message, { exitCode: 1 })
  }
  const text = await readText(answer.response)
  return refused(what, { place, status: answer.status, text })
}
