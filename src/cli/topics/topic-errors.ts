/** Why the running node of a folder did not publish, or is not followed: one line each. */

import { NodeError } from '../../errors/node-error.ts'
import { quoted } from '../../log/printable.ts'

export function topicInvalid(topic: string): NodeError {
  const message = `${quoted(topic)} is not a topic; write 1 to 255 bytes such as a.b.c, without spaces, * and >`
  return new NodeError('CLI_TOPIC_INVALID', message)
}

/** @param what what was not done */
export function notRunning(what: string, place: string, program: string): NodeError {
  const problem = `the node is not running: nothing listens on ${place}`
  const message = `${what}: ${problem}; start it with ${program}`
  return new NodeError('TOPICS_NODE_NOT_RUNNING', message, { exitCode: 1 })
}

/** A refusal of the node, which has one line with the fix. */
export function refused(
  what: string,
  {
    place,
    status,
    text,
  }: { readonly place: string; readonly status: number; readonly text: string },
): NodeError {
  const isOld = status === 404 || status === 405 || status === 426
  const answer = text.trim().slice(0, LINE_CHARS_MAX)
  const reason = isOld
    ? `what listens on ${place} has no topics: an older version, which a restart mends, or another program`
    : /^[\x20-\x7e]+$/.test(answer)
      ? answer
      : `HTTP ${status} ${quoted(answer)} on ${place}`
  return new NodeError('TOPICS_REFUSED', `${what}: ${reason}`, { exitCode: 1 })
}

/** Any program may answer on a port. */
const LINE_CHARS_MAX = 300
