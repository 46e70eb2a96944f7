import { styleText } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import {
  connectedCountIn,
  describeEnding,
  isListeningLine,
  listeningAddressIn,
  logEntryFor,
  pageUrlIn,
} from '../../src/log/log-messages.ts'
import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import type { Ending } from '../../src/mesh/events.ts'

function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new Error(parsed.problem)
  return parsed.address
}

const PEER = addressOf('ws://localhost:4002')
const STOPPED: Ending = { by: 'peer', code: 1001, reason: 'node stops' }

/** The text as a log prints it: plain, with the time, under a node's name, in colour. */
function printedForms(text: string): readonly string[] {
  const colour = (style: 'dim' | 'green' | 'magenta', part: string) =>
    styleText(style, part, { validateStream: false })
  return [
    text,
    `09:05:59 ${text}`,
    `node-2 | 09:05:59 ${text}\n`,
    `node-2  | ${text}\r\n`,
    `${colour('dim', '09:05:59')} ${colour('green', text)}`,
    `${colour('magenta', 'node-12 |')} ${colour('dim', '09:05:59')} ${colour('green', text)}\n`,
  ]
}

test('narration - says what a node does in the words of the manual', (t) => {
  t.deepEqual(logEntryFor({ kind: 'listening', address: addressOf('ws://localhost:4001') }), {
    level: 'info',
    tone: 'plain',
    text: 'listening on ws://localhost:4001',
  })
  t.deepEqual(logEntryFor({ kind: 'peer-joined', address: PEER, connected: 2 }), {
    ...COMING_OR_GOING,
    level: 'info',
    tone: 'good',
    text: 'ws://localhost:4002 joined, connected to 2',
  })
  t.deepEqual(logEntryFor({ kind: 'peer-left', address: PEER, connected: 1, ending: STOPPED }), {
    ...COMING_OR_GOING,
    level: 'info',
    tone: 'bad',
    text: "ws://localhost:4002 left (closed by peer: 1001 'node stops'), connected to 1",
  })
})

/** Held back when there are more of them than any mesh has. */
const COMING_OR_GOING = { cause: 'coming or going', linesMax: 1_000 }

test('narration - names Ctrl-C only where it can be heard', (t) => {
  const stopping = (hearsCtrlC: boolean) =>
    logEntryFor({ kind: 'stopping', connected: 2, hearsCtrlC }).text
  t.is(stopping(true), 'stopping, closing 2 connections; Ctrl-C once more ends at once')
  t.is(stopping(false), 'stopping, closing 2 connections')
})

test('narration - is read back from plain and coloured lines', (t) => {
  for (const line of printedForms(
    logEntryFor({ kind: 'peer-joined', address: PEER, connected: 2 }).text,
  )) {
    t.is(connectedCountIn(line), 2, line)
    t.false(isListeningLine(line), line)
  }
  const left = logEntryFor({
    kind: 'peer-left',
    address: PEER,
    connected: 10,
    ending: STOPPED,
  }).text
  for (const line of printedForms(left)) t.is(connectedCountIn(line), 10, line)
  for (const line of printedForms(logEntryFor({ kind: 'listening', address: PEER }).text)) {
    t.true(isListeningLine(line), line)
    t.is(listeningAddressIn(line), PEER)
    t.is(connectedCountIn(line), undefined, line)
  }
  const url = 'http://localhost:4001/'
  for (const line of printedForms(logEntryFor({ kind: 'page', url }).text)) {
    t.is(pageUrlIn(line), url, line)
    t.false(isListeningLine(line), line)
  }
})

test('narration - is not read into other lines', (t) => {
  for (const line of [
    '',
    'connected to 3',
    'x listening on ws://a',
    'ws://a joined, connected to',
    'joined, connected to 2',
    'one can see the mesh at http://localhost:4001/',
    'see the mesh at http://localhost:4001/ now',
    'ws://a joined, connected to 2 of 3',
  ]) {
    t.is(connectedCountIn(line), undefined)
    t.is(pageUrlIn(line), undefined)
    t.false(isListeningLine(line))
  }
})

function assertHarmless(t: ExecutionContext, reason: string): void {
  const ending: Ending = { by: 'peer', code: 4000, reason }
  const { text } = logEntryFor({ kind: 'peer-left', address: PEER, connected: 1, ending })
  t.is(connectedCountIn(text), 1, text)
  t.false(isListeningLine(text))
  t.notRegex(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  t.true(text.length < 200)
}

test('narration - lets no peer write lines, counts or terminal codes of its own', (t) => {
  assertHarmless(t, "x'), connected to 99")
  assertHarmless(t, '\nws://localhost:9 joined, connected to 99')
  assertHarmless(t, '\u001b]0;title\u0007\u009b2J\u202e\u2028')
  assertHarmless(t, 'x'.repeat(10_000))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reason) =>
      assertHarmless(t, reason),
    ),
  )
})

test('narration - escapes and cuts what a peer wrote in every event', (t) => {
  const hostile = `\u001b[2J\n${'x'.repeat(1_000)}`
  const ending: Ending = { by: 'peer', code: 4000, reason: hostile }
  const texts = [
    logEntryFor({ kind: 'link-refused', peer: '127.0.0.1:5000', ending }),
    logEntryFor({ kind: 'message-ignored', peer: '127.0.0.1:5000', type: hostile }),
    logEntryFor({
      kind: 'dial-failed',
      address: PEER,
      known: true,
      reason: hostile,
      retryInMs: 1_234,
    }),
    logEntryFor({ kind: 'other-code', address: PEER, code: hostile }),
  ].map((entry) => entry.text)
  for (const text of texts) {
    t.true(text.includes("'\\x1b[2J\\n"), text)
    t.true(text.length < 200, text)
  }
})

test('narration - says who ended a link, and leaves out what was not said', (t) => {
  t.is(
    describeEnding({ by: 'us', code: 4001, reason: 'duplicate' }),
    "closed by us: 4001 'duplicate'",
  )
  t.is(describeEnding({ by: 'peer', code: 1000, reason: '' }), 'closed by peer: 1000')
  t.is(describeEnding({ by: 'peer', code: 1005, reason: '' }), 'closed by peer')
  t.is(describeEnding({ by: 'network', code: 1006, reason: '' }), 'connection lost')
  t.is(
    describeEnding({ by: 'network', code: 1006, reason: 'ECONNRESET' }),
    "connection lost: 'ECONNRESET'",
  )
})

test('narration - keeps a known peer that is not up yet off the screen', (t) => {
  const entry = logEntryFor({
    kind: 'dial-failed',
    address: PEER,
    known: true,
    reason: 'ECONNREFUSED',
    retryInMs: 1_234,
  })
  t.deepEqual(entry, {
    level: 'debug',
    tone: 'detail',
    text: "cannot connect to ws://localhost:4002: 'ECONNREFUSED', trying again in 1.2 s",
  })
})

test('narration - warns that no descriptors are left, and names a cause, for it comes often', (t) => {
  const entry = logEntryFor({ kind: 'no-descriptors' })
  t.is(entry.level, 'warn')
  t.is(entry.cause, 'no-descriptors')
  t.regex(entry.text, /ulimit -n/)
})

test('narration - warns that all places are taken, and names a cause, for it comes often', (t) => {
  const entry = logEntryFor({ kind: 'crowded' })
  t.is(entry.level, 'warn')
  t.is(entry.cause, 'crowded')
  t.regex(entry.text, /^1456 connections are open/)
})

test('narration - warns of a refused link only when something is wrong', (t) => {
  const levelOf = (ending: Ending) =>
    logEntryFor({ kind: 'link-refused', peer: PEER, ending }).level
  t.is(levelOf({ by: 'us', code: 1007, reason: 'not JSON' }), 'warn')
  t.is(levelOf({ by: 'peer', code: 4003, reason: 'other mesh' }), 'warn')
  t.is(levelOf({ by: 'us', code: 4001, reason: 'duplicate' }), 'debug')
  t.is(levelOf({ by: 'us', code: 4002, reason: 'self' }), 'debug')
  t.is(levelOf({ by: 'network', code: 1006, reason: '' }), 'debug')
})
