import test from 'ava'
import { Clock } from '../../src/http/clock.ts'

test('clock - gives one moment the same date, until the wall clock is set', (t) => {
  let [nowMs, wallMs] = [1_000, Date.UTC(2026, 0, 1)]
  const clock = new Clock(
    () => nowMs,
    () => wallMs,
  )
  t.is(clock.dateOf(1_000), '2026-01-01T00:00:00.000Z')
  t.is(clock.dateOf(3_500), '2026-01-01T00:00:02.500Z')
  nowMs += 10_000
  wallMs += 10_001
  t.is(clock.dateOf(1_000), '2026-01-01T00:00:00.000Z')
  wallMs += 3_600_000
  t.is(clock.dateOf(1_000), '2026-01-01T01:00:00.001Z')
})
