/** How often and how much a link makes a node send again. */

import test from 'ava'
import { REWIND_BYTES_MAX, REWIND_WINDOW_MS, WANT_PAUSE_MS } from '../../src/pubsub/limits.ts'
import { RewindBudget } from '../../src/pubsub/rewind-budget.ts'

test('pubsub - it sends again once a second, however often that is asked', (t) => {
  const budget = new RewindBudget()
  const sent = new Set<number>()
  for (let nowMs = 0; nowMs < 10 * WANT_PAUSE_MS; nowMs += 50) sent.add(budget.take(1, nowMs))
  const times = [...sent].sort((a, b) => a - b)
  t.is(times.length, 11)
  for (const [at, ms] of times.entries()) t.is(ms, at * WANT_PAUSE_MS)
})

test('pubsub - a request replaces the one that waits, and delays it no further', (t) => {
  const budget = new RewindBudget()
  t.is(budget.take(1, 0), 0)
  for (const nowMs of [1, 500, 999]) t.is(budget.take(1, nowMs), WANT_PAUSE_MS)
  t.is(budget.take(1, WANT_PAUSE_MS), 2 * WANT_PAUSE_MS)
})

test('pubsub - a whole log is sent again at once, and one byte more later', (t) => {
  t.is(new RewindBudget().take(REWIND_BYTES_MAX, 0), 0)
  t.true(new RewindBudget().take(REWIND_BYTES_MAX + 1, 0) > 0)
  const budget = new RewindBudget()
  budget.take(REWIND_BYTES_MAX, 0)
  t.is(budget.take(REWIND_BYTES_MAX, 0), REWIND_WINDOW_MS)
})
