/** `publish`: sends a text, or each line of the input, through the running node of a folder. */

import { NodeError } from '../../errors/node-error.ts'
import { monotonicMs } from '../../runtime/monotonic.ts'
import { isTopic } from '../../wire/topic.ts'
import { askNode, keptConnection, type NodePlace, type NodeRequest } from '../node-request.ts'
import { notRunning, refused, topicInvalid } from './topic-errors.ts'

export interface PublishOptions {
  readonly config: NodePlace
  /** How this program is called, for messages. */
  readonly program: string
  readonly topic: string
  /** Undefined for the lines of the input. */
  readonly text?: string
  readonly stdin: AsyncIterable<Uint8Array | string>
  /** How long a connection waits for the next line, in ms. Default {@link KEPT_MS}. */
  readonly keptMs?: number
}

/**
 * Larger: the node, which ends idle connections after 5 s, may do so while a line is on its way,
 * and nobody can tell whether it was published. Smaller: slow lines take a connection each.
 */
const KEPT_MS = 1_000

/**
 * Publishes, and gives the exit code. The next line is read once the node has taken the last one.
 *
 * @throws {NodeError} CLI_TOPIC_INVALID, TOPICS_NODE_NOT_RUNNING, or TOPICS_REFUSED when the node
 * did not take a message
 */
export async function publish(options: PublishOptions): Promise<0> {
  const { config, program, topic, text, stdin, keptMs = KEPT_MS } = options
  if (!isTopic(topic)) throw topicInvalid(topic)
  const agent = keptConnection(config)
  const path = `/topics/${encodeURIComponent(topic)}`
  try {
    if (text !== undefined) await send(config, { path, text }, program, 'the message')
    else {
      let number = 0
      let answeredMs = monotonicMs()
      for await (const line of linesIn(stdin)) {
        number += 1
        if (monotonicMs() - answeredMs > keptMs) agent.destroy()
        await send(config, { path, text: line, agent }, program, `line ${number}`)
        answeredMs = monotonicMs()
      }
    }
  } finally {
    agent.destroy()
  }
  return 0
}

async function send(
  config: NodePlace,
  what: NodeRequest,
  program: string,
  name: string,
): Promise<void> {
  const answer = await askNode(config, { ...what, method: 'POST' })
  if (answer.kind === 'not-running')
    throw notRunning(`${name} was not published`, answer.place, program)
  if (answer.kind === 'failed') {
    const problem = `${answer.problem} on ${answer.place}`
    const message = `it is not certain that ${name} was published: ${problem}; run status to see whether the node runs`
    throw new NodeError('TOPICS_REFUSED', message, { exitCode: 1 })
  }
  if (answer.status !== 201) throw refused(`${name} was not published`, answer)
}

/**
 * The longest line that is read, in characters. The node refuses one of half its size. Larger: a
 * file without line breaks fills the memory.
 */
const LINE_CHARS_MAX = 256 * 1024

/** The lines of the input, without their ends. What is not UTF-8 is replaced. */
async function* linesIn(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let count = 0
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.replace(/\r$/, '')
    count += lines.length
    if (rest.length > LINE_CHARS_MAX) {
      const message = `line ${count + 1} was not published: it has more than ${LINE_CHARS_MAX} characters; send less in one`
      throw new NodeError('TOPICS_REFUSED', message, { exitCode: 1 })
    }
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
