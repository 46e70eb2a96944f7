/** How many dials run at once, and how long a node waits to be dialed. */

import test from 'ava'
import { DialPace } from '../../src/mesh/dialing/dial-pace.ts'
import { DIAL_LATE_MS, DIALS_LEARNED_MAX } from '../../src/mesh/limits.ts'

/** A pace after so many dials, each of which took so long. */
function paceAfter(dials: number, tookMs: number): DialPace {
  const pace = new DialPace()
  for (let dial = 0; dial < dials; dial += 1) pace.succeeded(tookMs)
  return pace
}

test('dial pace - a timeout that fires late halves the number of dials at once, down to one', (t) => {
  const pace = new DialPace()
  t.is(pace.atOnce, DIALS_LEARNED_MAX)
  const seen = [1, 2, 3, 4, 5, 6].map(() => {
    pace.timedOut(DIAL_LATE_MS)
    return pace.atOnce
  })
  t.deepEqual(seen, [12, 6, 3, 1, 1, 1])
})

test('dial pace - a timeout that fires on time changes nothing: the other end did not answer', (t) => {
  const pace = new DialPace()
  pace.timedOut(DIAL_LATE_MS - 1)
  t.is(pace.atOnce, DIALS_LEARNED_MAX)
})

test('dial pace - every dial that ends adds one to the number of dials at once', (t) => {
  const pace = new DialPace()
  for (let halves = 0; halves < 5; halves += 1) pace.timedOut(DIAL_LATE_MS)
  pace.succeeded(19_000)
  t.is(pace.atOnce, 2, 'a slow one, too')
  pace.failed()
  t.is(pace.atOnce, 3)
  for (let dial = 0; dial < DIALS_LEARNED_MAX; dial += 1) pace.succeeded(10)
  t.is(pace.atOnce, DIALS_LEARNED_MAX)
})

test('dial pace - the bound follows the time that dials take', (t) => {
  t.is(new DialPace().boundMs, 0)
  t.is(paceAfter(1, 100).boundMs, 300, 'the first sample has a wide margin: RFC 6298')
  t.is(Math.round(paceAfter(100, 100).boundMs), 100)
  const spread = paceAfter(100, 100)
  spread.succeeded(500)
  t.is(Math.round(spread.boundMs), 150 + 4 * 100)
})
