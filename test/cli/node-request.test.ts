/** Answers of whatever listens where the node does. */

import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import test from 'ava'
import { ANSWER_BYTES_MAX, readText } from '../../src/cli/node-request.ts'

const PIECE = Buffer.alloc(1024 * 1024, 'x')

/** An answer of so many bytes. */
function answerOf(bytes: number): IncomingMessage {
  const answer = new IncomingMessage(new Socket())
  for (let left = bytes; left > 0; left -= PIECE.length) answer.push(PIECE.subarray(0, left))
  answer.push(null)
  return answer
}

test('node request - an answer is read up to its longest, and one byte more is an error', async (t) => {
  t.is((await readText(answerOf(ANSWER_BYTES_MAX))).length, ANSWER_BYTES_MAX)
  await t.throwsAsync(readText(answerOf(ANSWER_BYTES_MAX + 1)), {
    message: `more than ${ANSWER_BYTES_MAX} bytes`,
  })
})
