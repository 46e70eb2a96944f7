/** build/shown-lines.ts: what `npm start` shows of nodes that were asked to say little. */

import test from 'ava'
import { isRemarkable, isShown, quietLevel } from '../../build/shown-lines.ts'

const INFO = '12:00:00 ws://localhost:4002 joined, connected to 1'
const COLOURED = `\u001b[2m12:00:00\u001b[22m \u001b[32mjoined\u001b[39m`
const FATAL = 'PORT is missing in .env'

test('shown lines - LOG_LEVEL of the environment wins over .env, as it does for a node', (t) => {
  t.is(quietLevel({}, 'LOG_LEVEL=warn'), 'warn')
  t.is(quietLevel({ LOG_LEVEL: '' }, 'LOG_LEVEL="ERROR" # quiet'), 'error')
  t.is(quietLevel({ LOG_LEVEL: ' Silent ' }, 'LOG_LEVEL=debug'), 'silent')
  t.is(quietLevel({ LOG_LEVEL: 'debug' }, 'LOG_LEVEL=silent'), undefined)
})

test('shown lines - a level that says enough, none, and one that a node refuses change nothing', (t) => {
  for (const text of ['', 'LOG_LEVEL=', 'LOG_LEVEL=info', 'LOG_LEVEL=debug', 'LOG_LEVEL=loud']) {
    t.is(quietLevel({}, text), undefined, text)
  }
  t.is(quietLevel({ LOG_LEVEL: 'loud' }, 'LOG_LEVEL=warn'), undefined)
})

test('shown lines - with no quiet level all are shown', (t) => {
  for (const line of [INFO, COLOURED, FATAL, '']) t.true(isShown(line, 'stdout', undefined))
})

test('shown lines - warn shows the warnings only', (t) => {
  for (const line of [INFO, COLOURED]) {
    t.false(isShown(line, 'stdout', 'warn'))
    t.true(isShown(line, 'stderr', 'warn'))
  }
})

test('shown lines - error and silent hide all entries, and never why a node cannot start', (t) => {
  for (const level of ['error', 'silent'] as const) {
    t.false(isShown(INFO, 'stdout', level))
    t.false(isShown(COLOURED, 'stderr', level))
    t.true(isShown(FATAL, 'stderr', level))
  }
})

test('shown lines - warnings and what is no entry are remarkable, the rest all nodes say', (t) => {
  t.true(isRemarkable(COLOURED, 'stderr'))
  t.true(isRemarkable(FATAL, 'stderr'))
  t.true(isRemarkable('Warning: something of the runtime', 'stdout'))
  for (const line of [INFO, COLOURED]) t.false(isRemarkable(line, 'stdout'))
})
