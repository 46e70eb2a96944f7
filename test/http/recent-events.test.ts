import test from 'ava'
import { RECENT_EVENTS_MAX } from '../../src/http/limits.ts'
import { RecentEvents } from '../../src/http/recent-events.ts'
import { at } from '../helpers/core.ts'

test('recent events - keeps as many as its limit, and drops the oldest for one more', (t) => {
  const recentEvents = new RecentEvents()
  const list = () => recentEvents.list((atMs) => `time ${atMs}`)
  const join = (connected: number): void => {
    recentEvents.observe({ kind: 'peer-joined', address: at(4002), connected }, connected)
  }
  for (let count = 1; count <= RECENT_EVENTS_MAX; count += 1) join(count)
  t.is(list().length, RECENT_EVENTS_MAX)
  t.is(list()[0]?.at, 'time 1')
  join(RECENT_EVENTS_MAX + 1)
  t.is(list().length, RECENT_EVENTS_MAX)
  t.is(list()[0]?.at, 'time 2')
  t.is(list().at(-1)?.at, `time ${RECENT_EVENTS_MAX + 1}`)
})
