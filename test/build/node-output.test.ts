/** build/node-output.ts: what `npm start` reads and shows of the output of nodes. */

import { Writable } from 'node:stream'
import test from 'ava'
import {
  connectedAfter,
  isQuieter,
  isRemarkable,
  isShown,
  levelOf,
  readOutput,
} from '../../build/node-output.ts'
import { createLog, type LogStream } from '../../src/log/log.ts'
import { logLineFor } from '../../src/log/log-messages.ts'
import { EVENTS } from '../helpers/node-events.ts'

const NOON = new Date(2026, 0, 2, 12, 0, 0)

/** What a node prints of an event. */
function printedOf(event: (typeof EVENTS)[keyof typeof EVENTS], env = {}): string {
  let printed = ''
  const stream: LogStream = new Writable({
    write: (chunk, _encoding, done) => {
      printed += String(chunk)
      done()
    },
  })
  const streams = { stdout: stream, stderr: stream }
  createLog({ level: 'debug', format: 'json', ...streams, env, now: () => NOON })(event)
  return printed.trimEnd()
}

test('node output - each kind of event is read back, with its level and its sentence', (t) => {
  for (const event of Object.values(EVENTS)) {
    const { level, text } = logLineFor(event)
    t.deepEqual(readOutput(printedOf(event)), { text: `12:00:00 ${text}`, event, level })
  }
})

test('node output - sentences have colours when the option is set', (t) => {
  const { text } = readOutput(printedOf(EVENTS['peer-joined']), true)
  t.is(
    text,
    '\u001b[2m12:00:00\u001b[22m \u001b[32mconnected to ws://localhost:4002 (1 peer)\u001b[39m',
  )
})

test('node output - has the number of suppressed lines', (t) => {
  const printed = printedOf(EVENTS['no-descriptors']).replace(/}$/, ',"suppressed":3}')
  t.regex(readOutput(printed).text, /; 3 more like this suppressed$/)
})

test('node output - other lines stay as they are', (t) => {
  for (const text of ['', 'PORT is missing', '{"time":', '{"time":"x","event":"invented"}', '{}']) {
    t.deepEqual(readOutput(text), { text })
  }
})

test('node output - only events of peers change how many are connected', (t) => {
  t.is(connectedAfter(EVENTS['peer-joined']), 1)
  t.is(connectedAfter(EVENTS['peer-left']), 0)
  t.is(connectedAfter(EVENTS.stopping), undefined)
  t.is(connectedAfter(undefined), undefined)
})

test('node output - LOG_LEVEL of the environment wins over .env, as it does for a node', (t) => {
  t.is(levelOf({}, 'LOG_LEVEL=warn'), 'warn')
  t.is(levelOf({ LOG_LEVEL: '' }, 'LOG_LEVEL="ERROR" # quiet'), 'error')
  t.is(levelOf({ LOG_LEVEL: ' Silent ' }, 'LOG_LEVEL=debug'), 'silent')
  t.is(levelOf({ LOG_LEVEL: 'debug' }, 'LOG_LEVEL=silent'), 'debug')
})

test('node output - no level, and one that a node refuses, count as the default', (t) => {
  for (const text of ['', 'LOG_LEVEL=', 'LOG_LEVEL=info', 'LOG_LEVEL=loud']) {
    t.is(levelOf({}, text), 'info', text)
  }
  t.is(levelOf({ LOG_LEVEL: 'loud' }, 'LOG_LEVEL=warn'), 'info')
})

const [INFO, WARNING, PLAIN] = [
  readOutput(printedOf(EVENTS['peer-joined'])),
  readOutput(printedOf(EVENTS['no-descriptors'])),
  readOutput('PORT is missing in .env'),
]

test('node output - each level shows its lines, and always why a node cannot start', (t) => {
  t.true(isShown(INFO, 'info'))
  t.false(isShown(INFO, 'warn'))
  t.true(isShown(WARNING, 'warn'))
  for (const level of ['error', 'silent'] as const) {
    t.false(isShown(WARNING, level))
    t.true(isShown(PLAIN, level))
  }
})

test('node output - warnings and what is not of the log are remarkable', (t) => {
  t.true(isRemarkable(WARNING))
  t.true(isRemarkable(PLAIN))
  t.false(isRemarkable(INFO))
})

test('node output - a level is quieter than those that print more', (t) => {
  t.true(isQuieter('warn', 'info'))
  t.false(isQuieter('info', 'info'))
  t.false(isQuieter('debug', 'info'))
})
