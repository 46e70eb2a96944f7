/** How many dials are under way at once, and how long others are given to dial us. */

import test from 'ava'
import { DialPace } from '../../src/mesh/dial-pace.ts'
import {
  DIAL_LATE_MS,
  DIAL_PATIENCE_MAX,
  DIAL_SLOW_MS,
  DIALS_LEARNED_MAX,
  DIALS_LEARNED_MIN,
} from '../../src/mesh/limits.ts'

/** Long after everything else. */
const NOW_MS = 1_000_000

/** A pace that has seen so many dials one after the other, each of which took so long. */
function paceAfter(dials: number, tookMs: number, pace = new DialPace()): DialPace {
  for (let dial = 0; dial < dials; dial += 1) pace.succeeded(dial * tookMs, (dial + 1) * tookMs)
  return pace
}

/** One that has become as quick as can be. */
function fullPace(): DialPace {
  return paceAfter(DIALS_LEARNED_MAX - DIALS_LEARNED_MIN, DIAL_SLOW_MS - 1)
}

test('dial pace - it begins with four at once, and each quick dial makes it one more', (t) => {
  t.is(new DialPace().atOnce, DIALS_LEARNED_MIN)
  t.is(paceAfter(5, DIAL_SLOW_MS - 1).atOnce, DIALS_LEARNED_MIN + 5)
  t.is(fullPace().atOnce, DIALS_LEARNED_MAX)
  t.is(paceAfter(1, 10, fullPace()).atOnce, DIALS_LEARNED_MAX)
})

test('dial pace - so does a dial of somebody who is not there', (t) => {
  const pace = new DialPace()
  pace.failed()
  t.is(pace.atOnce, DIALS_LEARNED_MIN + 1)
})

test('dial pace - a slow one halves them, down to four', (t) => {
  const halves = [1, 2, 3, 100].map((dials) => paceAfter(dials, DIAL_SLOW_MS, fullPace()).atOnce)
  t.deepEqual(halves, [12, 6, 4, DIALS_LEARNED_MIN])
})

test('dial pace - slow ones that were begun together halve them once', (t) => {
  const pace = fullPace()
  for (let dial = 0; dial < 24; dial += 1) pace.succeeded(NOW_MS, NOW_MS + DIAL_SLOW_MS + dial)
  t.is(pace.atOnce, DIALS_LEARNED_MAX / 2)
})

test('dial pace - a timeout noticed late halves them, down to one, and gives them more time', (t) => {
  const pace = fullPace()
  const seen = [1, 2, 3, 4, 5, 6].map(() => {
    pace.timedOut(DIAL_LATE_MS)
    return [pace.atOnce, pace.patience]
  })
  t.deepEqual(seen, [
    [12, 2],
    [6, DIAL_PATIENCE_MAX],
    [3, DIAL_PATIENCE_MAX],
    [1, DIAL_PATIENCE_MAX],
    [1, DIAL_PATIENCE_MAX],
    [1, DIAL_PATIENCE_MAX],
  ])
  pace.succeeded(NOW_MS, NOW_MS + DIAL_SLOW_MS)
  t.deepEqual([pace.atOnce, pace.patience], [1, DIAL_PATIENCE_MAX], 'a slow one changes nothing')
  pace.succeeded(NOW_MS, NOW_MS + DIAL_SLOW_MS - 1)
  t.deepEqual([pace.atOnce, pace.patience], [2, 2])
})

test('dial pace - a timeout noticed in time is the fault of who does not answer', (t) => {
  const pace = fullPace()
  pace.timedOut(DIAL_LATE_MS - 1)
  t.deepEqual([pace.atOnce, pace.patience], [DIALS_LEARNED_MAX, 1])
})

test('dial pace - the bound follows the time that dials take', (t) => {
  t.is(new DialPace().boundMs, 0)
  t.is(paceAfter(1, 100).boundMs, 300, 'one tells little: RFC 6298')
  t.is(Math.round(paceAfter(100, 100).boundMs), 100)
  const spread = paceAfter(100, 100)
  spread.succeeded(0, 500)
  t.is(Math.round(spread.boundMs), 150 + 4 * 100)
})
