import test from 'ava'
import { RECENT_EVENTS_MAX } from '../../src/http/limits.ts'
import { RecentEvents } from '../../src/http/recent-events.ts'
import { at } from '../helpers/core.ts'

test('recent events - keeps as many as its limit, and drops the oldest for one more', (t) => {
  let nowMs = 0
  const recentEvents = new RecentEvents({ nowMs: () => nowMs, dateOf: (ms) => `time ${ms}` })
  const list = () => recentEvents.list()
  const join = (connected: number): void => {
    nowMs = connected
    recentEvents.add({ kind: 'peer-joined', address: at(4002), connected })
  }
  for (let count = 1; count <= RECENT_EVENTS_MAX; count += 1) join(count)
  t.is(list().length, RECENT_EVENTS_MAX)
  t.is(list()[0]?.at, 'time 1')
  join(RECENT_EVENTS_MAX + 1)
  t.is(list().length, RECENT_EVENTS_MAX)
  t.is(list()[0]?.at, 'time 2')
  t.is(list().at(-1)?.at, `time ${RECENT_EVENTS_MAX + 1}`)
})
