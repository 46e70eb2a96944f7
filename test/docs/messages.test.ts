/** docs/MESSAGES.md: the figures in its sentences are those of the code. */

import test from 'ava'
import { FOLLOWERS_MAX } from '../../src/http/limits.ts'
import { HOST_BYTES_PER_SECOND, MESSAGE_BYTES_PER_SECOND } from '../../src/io/limits.ts'
import { NODE_DATA_BYTES_MAX, NODE_DATA_PAUSE_MS } from '../../src/mesh/limits.ts'
import { RETRIES_MAX, RETRY_MS_MIN } from '../../src/node/handler-calls.ts'
import { FLUSH_MS_MAX } from '../../src/node/mesh-node.ts'
import * as messages from '../../src/pubsub/limits.ts'
import * as requests from '../../src/requests/limits.ts'
import { FOLDER_MIB, NAMES_MAX, PLACE_PAUSE_MS } from '../../src/storage/limits.ts'
import { read } from './markdown.ts'

const KIB = 1024
const MIB = 1024 * KIB

const TEXT = read('docs/MESSAGES.md').replaceAll(/\s+/g, ' ')

const inEnglish = (value: number): string => value.toLocaleString('en')

test('messages page - the figures of messages are those of the code', (t) => {
  const minutes = messages.LOG_AGE_MS_MAX / 60_000
  // Each pause is twice as long as the one before.
  const allMs = RETRY_MS_MIN * (2 ** RETRIES_MAX - 1)
  const flushS = FLUSH_MS_MAX / 1_000
  const laggingMib =
    (messages.LOG_BYTES_MAX * messages.FEED_SHARE_MAX * messages.LAG_SHARE_MAX) / MIB
  for (const sentence of [
    `keeps ${messages.LOG_BYTES_MAX / MIB} MiB of messages, at most a quarter of them from one sender, for ${minutes} minutes`,
    `request to another peer took more than ${messages.START_MARGIN_MS / 1_000} s`,
    `1 to ${messages.TOPIC_BYTES_MAX} bytes without spaces`,
    `after ${RETRY_MS_MIN / 1_000} s, then after twice that, seven times in ${allMs / 1_000} s`,
    `has at most ${inEnglish(messages.ITEM_BYTES_MAX)} bytes, as JSON or base64, and at most ${messages.NESTING_MAX} arrays and objects within each other`,
    `flushes first, for at most ${flushS} s`,
    `comes when ${laggingMib} MiB of messages (a quarter of what is kept of one sender) wait`,
    `keeps up to ${messages.LOG_BYTES_MAX / MIB} MiB of messages in memory`,
    `costs ${messages.ENTRY_BYTES} bytes there`,
    `reads at most ${inEnglish(messages.STEP_MESSAGES_MAX)} messages or ${messages.STEP_BYTES_MAX / KIB} KiB`,
    `is read at ${MESSAGE_BYTES_PER_SECOND / MIB} MiB a second at most`,
    `another machine at ${HOST_BYTES_PER_SECOND / MIB} MiB a second together`,
  ]) {
    t.true(TEXT.includes(sentence), sentence)
  }
  // What the sentences have in words.
  t.is(messages.FEED_SHARE_MAX, 1 / 4)
  t.is(messages.LAG_SHARE_MAX, 1 / 4)
  t.is(messages.LAG_LOOK_MS, 1_000)
  t.true(TEXT.includes('at one of the looks, a second apart'))
  t.is(RETRIES_MAX, 7)
})

test('messages page - the figures of requests are those of the code', (t) => {
  const waitS = requests.LINK_WAIT_MS / 1_000
  for (const sentence of [
    `A connection that breaks is waited for, ${waitS} s,`,
    `${inEnglish(requests.OPEN_MAX)} requests to the peer are open, or ${requests.OPEN_BYTES_MAX / MIB} MiB of them`,
    `its answer is larger than ${inEnglish(messages.ITEM_BYTES_MAX)} bytes`,
    `or not again, within ${waitS} s`,
    `no answer within \`timeoutMs\`, ${requests.TIMEOUT_MS / 1_000} s by default`,
    `\`&timeoutMs=${requests.TIMEOUT_MS}\``,
  ]) {
    t.true(TEXT.includes(sentence), sentence)
  }
})

test('messages page - the figures of what is stored, followed and told are those of the code', (t) => {
  for (const sentence of [
    `what it handled in the last ${PLACE_PAUSE_MS / 1_000} s before a crash comes again`,
    `no dot first, at most ${NAMES_MAX} in a folder`,
    `when the folder has \`DATA_MIB\`, ${FOLDER_MIB} by default`,
    `There can be ${FOLLOWERS_MAX}.`,
    `a JSON object of at most ${inEnglish(NODE_DATA_BYTES_MAX)} bytes`,
  ]) {
    t.true(TEXT.includes(sentence), sentence)
  }
  // What the sentences have in words.
  t.is(messages.START_MARGIN_MS, 2_000)
  t.true(TEXT.includes('the last two seconds before that may come again'))
  t.is(NODE_DATA_PAUSE_MS, 1_000)
  t.true(TEXT.includes('within a second or so; of several changes in one second'))
})
