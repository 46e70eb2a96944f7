/** How many dials are under way at once, and how long others are given to dial us. */

import test from 'ava'
import { DialPace } from '../../src/mesh/dial-pace.ts'
import { DIAL_SLOW_MS, DIALS_LEARNED_MAX, DIALS_LEARNED_MIN } from '../../src/mesh/limits.ts'

/** A pace that has seen so many dials one after the other, each of which took so long. */
function paceAfter(dials: number, tookMs: number, pace = new DialPace()): DialPace {
  for (let dial = 0; dial < dials; dial += 1) pace.succeeded(dial * tookMs, (dial + 1) * tookMs)
  return pace
}

test('dial pace - as many as may be are dialed at once, as long as dials are quick', (t) => {
  t.is(new DialPace().atOnce, DIALS_LEARNED_MAX)
  t.is(paceAfter(100, DIAL_SLOW_MS - 1).atOnce, DIALS_LEARNED_MAX)
})

test('dial pace - a slow one halves them, down to four', (t) => {
  const halves = [1, 2, 3, 100].map((dials) => paceAfter(dials, DIAL_SLOW_MS).atOnce)
  t.deepEqual(halves, [12, 6, 4, DIALS_LEARNED_MIN])
})

test('dial pace - slow ones that were begun together halve them once', (t) => {
  const pace = new DialPace()
  for (let dial = 0; dial < 24; dial += 1) pace.succeeded(0, DIAL_SLOW_MS + dial)
  t.is(pace.atOnce, DIALS_LEARNED_MAX / 2)
})

test('dial pace - each quick one makes it one more again', (t) => {
  const pace = paceAfter(3, DIAL_SLOW_MS)
  t.is(paceAfter(5, 10, pace).atOnce, DIALS_LEARNED_MIN + 5)
  t.is(paceAfter(100, 10, pace).atOnce, DIALS_LEARNED_MAX)
})

test('dial pace - the bound follows the time that dials take', (t) => {
  t.is(new DialPace().boundMs, 0)
  t.is(paceAfter(1, 100).boundMs, 300, 'one tells little: RFC 6298')
  t.is(Math.round(paceAfter(100, 100).boundMs), 100)
  const spread = paceAfter(100, 100)
  spread.succeeded(0, 500)
  t.is(Math.round(spread.boundMs), 150 + 4 * 100)
})
