/** docs/PROTOCOL.md: examples, headers, close codes and limits are those of the code. */

import test from 'ava'
import { AUTH_BYTES_MAX } from '../../src/auth/auth-frame.ts'
import { ANSWER_MS_MAX } from '../../src/http/limits.ts'
import {
  CONNECTS_BURST,
  CONNECTS_PER_SECOND,
  FRAME_COST_BYTES,
  HELD_BYTES_MAX,
  HOST_BYTES_BURST,
  HOST_BYTES_PER_SECOND,
  IDLE_MS,
  LINK_BYTES_BURST,
  LINK_BYTES_PER_SECOND,
  LINK_HELD_BYTES_MAX,
  MESSAGE_BYTES_PER_SECOND,
  MESSAGE_COST_BYTES,
  READ_PAUSE_MS,
  UNPROVEN_BYTES_MAX,
  UNPROVEN_MAX,
  WITHDRAWN_MS_MAX,
} from '../../src/io/limits.ts'
import {
  ACCEPTED_LINKS_MAX,
  BOOK_ADDRESSES_MAX,
  CONNECTIONS_MAX,
  DIALS_MAX,
  DIALS_OF_CLASS_MIN,
  DIALS_RESERVED,
  FRAME_BYTES_MAX,
  HANDSHAKE_ADDRESSES_MAX,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  LEARN_BURST,
  LEARN_PER_SECOND,
  LINKS_PER_PEER_MAX,
  LINKS_WITHOUT_HANDSHAKE_MAX,
  NAMED_CLAIMS_PER_HOST_MAX,
  OWN_ALIAS_MS_MAX,
  PLACE_ADDRESSES_MAX,
  READ_BURST,
  READ_PER_SECOND,
  TAUGHT_ADDRESSES_MAX,
  TAUGHT_LINKS_MAX,
  TEACHER_DIALS_BURST,
  TEACHER_DIALS_PER_SECOND,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import * as messages from '../../src/pubsub/limits.ts'
import * as requests from '../../src/requests/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { decode } from '../../src/wire/codec.ts'
import { FEEDS_NAMED_MAX } from '../../src/wire/feed-codec.ts'
import { headersOf, parseMeshId } from '../../src/wire/headers.ts'
import { REFUSAL_CHARS_MAX } from '../../src/wire/request-codec.ts'
import { bare, blocksIn, read, rowsIn, section } from './markdown.ts'

const PAGE = 'docs/PROTOCOL.md'

test('protocol - every JSON example is a message', (t) => {
  const examples = blocksIn(read(PAGE), 'json')
  t.true(examples.length > 0)
  for (const text of examples) {
    t.is(decode({ kind: 'text', text }, HANDSHAKE_ADDRESSES_MAX).kind, 'message', text)
  }
})

test('protocol - the close codes are those of the code', (t) => {
  const codes = rowsIn(section(PAGE, '6. Close codes')).map(([code]) => Number(code))
  t.deepEqual(
    codes,
    Object.values(CloseCode).toSorted((a, b) => a - b),
  )
})

test('protocol - the headers are those of the code', (t) => {
  const id = parseMeshId('0'.repeat(32))
  if (id === undefined) return t.fail()
  const headers = headersOf({
    version: '1',
    mesh: 'm',
    id,
    address: 'ws://a',
    code: '',
    messages: true,
    requests: true,
  })
  const named = rowsIn(section(PAGE, '4. Identity')).map(([header]) => bare(header))
  t.deepEqual(named, Object.keys(headers))
})

test('protocol - the limits in section 7 are those of the code', (t) => {
  const requestS = DEFAULT_TIMINGS.handshakeTimeoutMs / 1000
  const idleS = IDLE_MS / 1000
  const limits: readonly (readonly [limit: string, value: number])[] = [
    ['accepted links', ACCEPTED_LINKS_MAX],
    [
      'links to other machines that a node dialed because peers named them, without those to peers that have proven the secret',
      TAUGHT_LINKS_MAX,
    ],
    ['accepted links without HANDSHAKE', LINKS_WITHOUT_HANDSHAKE_MAX],
    ['unverified addresses of one other host that a HANDSHAKE names', NAMED_CLAIMS_PER_HOST_MAX],
    ['links from one peer', LINKS_PER_PEER_MAX],
    ['open connections in all', CONNECTIONS_MAX],
    ['new connections from one host at once', CONNECTS_BURST],
    ['new connections from one host a second, after that', CONNECTS_PER_SECOND],
    ['seconds from the connection to the end of the request', requestS],
    ['seconds after a refusal until the peer must close', requestS],
    ['seconds without a byte on a connection that stays open after an answer', idleS],
    ['seconds without a whole request on such a connection', idleS + requestS],
    [
      `bytes that one link sends at once, each frame counted as ${FRAME_COST_BYTES.toLocaleString('en')} more`,
      LINK_BYTES_BURST,
    ],
    ['such bytes a second, after that', LINK_BYTES_PER_SECOND],
    [
      "such bytes that all links of one host send at once, except the node's own machine",
      HOST_BYTES_BURST,
    ],
    ['such bytes a second, after that', HOST_BYTES_PER_SECOND],
    [
      `such bytes a second of a link that carries messages, text frames counted as ${MESSAGE_COST_BYTES} more`,
      MESSAGE_BYTES_PER_SECOND,
    ],
    ['bytes unsent to one link, and of a message that it has not ended', LINK_HELD_BYTES_MAX],
    ['such bytes of all links', HELD_BYTES_MAX],
    ['addresses read from one link at once', READ_BURST],
    ['addresses read from one link a second, after that', READ_PER_SECOND],
    ['addresses learned from one link at once', LEARN_BURST],
    ['addresses learned from one link a second, after that', LEARN_PER_SECOND],
    ['addresses on one host and port, which differ in their paths', PLACE_ADDRESSES_MAX],
    ['addresses remembered', BOOK_ADDRESSES_MAX],
    ['of these, never reached ones that the peers of one host named', TAUGHT_ADDRESSES_MAX],
    ['dials at once', DIALS_MAX],
    ['dials reserved for known peers, for verification, and for the next row', DIALS_RESERVED],
    [
      'dials that addresses reached before, plain peers that dialed us, and others may each have of these',
      DIALS_OF_CLASS_MIN,
    ],
    ['dials of one other host at once that peers cause', HOST_DIALS_BURST],
    ['dials of one other host a second that peers cause, after that', HOST_DIALS_PER_SECOND],
    ['dials at once that the peers of one host cause', TEACHER_DIALS_BURST],
    ['dials a second that the peers of one host cause, after that', TEACHER_DIALS_PER_SECOND],
  ]
  t.deepEqual(
    rowsIn(section(PAGE, '7. Limits')).map(([limit, value]) => [limit, value]),
    limits.map(([limit, value]) => [limit, value.toLocaleString('en')]),
  )
})

test('protocol - the limits of messages are those of the code', (t) => {
  const limits: readonly (readonly [limit: string, value: number])[] = [
    ['bytes of a topic', messages.TOPIC_BYTES_MAX],
    ['bytes of an item: its topic and its body as JSON or base64', messages.ITEM_BYTES_MAX],
    ['arrays and objects within each other in a body', messages.NESTING_MAX],
    [
      'bytes of items that are joined in one frame; a larger item goes alone',
      messages.JOINED_BYTES_MAX,
    ],
    ['bytes that a node keeps of all feeds', messages.LOG_BYTES_MAX],
    ['of these, of one feed', messages.LOG_BYTES_MAX * messages.FEED_SHARE_MAX],
    ['seconds that a node keeps an item', messages.LOG_AGE_MS_MAX / 1_000],
    ['feeds that a node remembers', messages.FEEDS_MAX],
    [
      'feeds that one link may make known in ten minutes, besides those of peers that were linked',
      messages.UNKNOWN_FEEDS_PER_LINK_MAX,
    ],
    [
      'feeds of which a node remembers, for each link, what it asked for and what the peer asked for',
      messages.ASKED_FEEDS_MAX,
    ],
    ['feeds without owner whose holes are filled at the same time', messages.HOLES_MAX],
    ['seconds between two requests for one feed on a link', messages.WANT_PAUSE_MS / 1_000],
    ['bytes that a link makes a node send again in ten minutes', messages.REWIND_BYTES_MAX],
    ['frames of EVENTS that wait for the socket of one link', 1],
    ['bytes of such frames of all links; each has an equal share', messages.WAITING_BYTES_MAX],
  ]
  t.is(messages.REWIND_WINDOW_MS, 10 * 60_000)
  t.is(messages.UNKNOWN_FEEDS_MS, 10 * 60_000)
  t.deepEqual(
    rowsIn(section(PAGE, 'Limits of messages')).map(([limit, value]) => [limit, value]),
    limits.map(([limit, value]) => [limit, value.toLocaleString('en')]),
  )
})

test('protocol - the limits of requests are those of the code', (t) => {
  const limits: readonly (readonly [limit: string, value: number])[] = [
    [
      'requests of one peer that are carried out, or whose answers and refusals wait for a socket',
      requests.OPEN_MAX,
    ],
    [
      'characters of their frames, with 64 for each array or object in a body and 8 for each part of one, and of answers that are kept',
      requests.OPEN_BYTES_MAX,
    ],
    ['such characters of all peers', requests.ALL_CHARS_MAX],
    ['characters that a socket is given before it has taken any', requests.WINDOW_CHARS],
    ['CANCELs for one peer that wait for its socket', requests.CANCELS_MAX],
    ['seconds that a lost link is waited for', requests.LINK_WAIT_MS / 1_000],
    ['seconds that an answer is kept after it was sent', requests.ANSWER_KEPT_MS / 1_000],
    ['seconds that a series is remembered without a link', requests.SERIES_KEPT_MS / 1_000],
    ['series that are remembered without a link', requests.SERIES_KEPT_MAX],
    ['characters of the text of an error', REFUSAL_CHARS_MAX],
  ]
  t.deepEqual(
    rowsIn(section(PAGE, 'Limits of requests')).map(([limit, value]) => [limit, value]),
    limits.map(([limit, value]) => [limit, value.toLocaleString('en')]),
  )
})

test('protocol - the limits in other sections are those of the code', (t) => {
  const text = read(PAGE).replaceAll(/\s+/g, ' ')
  for (const sentence of [
    `array of at most ${HANDSHAKE_ADDRESSES_MAX.toLocaleString('en')} strings`,
    `a frame of more than ${FRAME_BYTES_MAX.toLocaleString('en')} bytes`,
    `an own alias for ${OWN_ALIAS_MS_MAX / 1_000} s`,
    `is not read for ${READ_PAUSE_MS} ms`,
    `at most ${FEEDS_NAMED_MAX.toLocaleString('en')} feeds`,
    `its own uptime and ${messages.START_MARGIN_MS.toLocaleString('en')} ms more`,
    `at random within ${messages.FEEDS_DELAY_MS} ms`,
    `two others ${messages.FEEDS_AGAIN_MS / 1_000} s later`,
    `again every ${messages.FEEDS_REPAIR_MS / 1_000} s`,
    `or after ${messages.HOLE_WAIT_MS / 1_000} s`,
    `counts ${messages.ENTRY_BYTES} bytes besides its text`,
    `no HANDSHAKE within ${DEFAULT_TIMINGS.handshakeTimeoutMs / 1000} s`,
    `nothing came within ${DEFAULT_TIMINGS.silentAfterMs / 1000} s`,
    `not read within ${ANSWER_MS_MAX / 1000} s`,
    `nothing within ${DEFAULT_TIMINGS.handshakeTimeoutMs / 1000} s, or more than ${UNPROVEN_BYTES_MAX.toLocaleString('en')} bytes`,
    `have proven nothing yet, a node keeps ${UNPROVEN_MAX}`,
    `AUTH is a message of at most ${AUTH_BYTES_MAX.toLocaleString('en')} bytes`,
    `\`secret was withdrawn\` within ${WITHDRAWN_MS_MAX / 1000} s`,
  ]) {
    t.true(text.includes(sentence), sentence)
  }
})
