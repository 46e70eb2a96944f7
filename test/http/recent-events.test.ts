import test from 'ava'
import { RECENT_EVENTS_MAX } from '../../src/http/limits.ts'
import { RecentEvents } from '../../src/http/recent-events.ts'
import { at } from '../helpers/core.ts'

test('journal - remembers as many lines as its limit, and forgets the oldest for one more', (t) => {
  const journal = new RecentEvents()
  const lines = () => journal.lines((atMs) => `time ${atMs}`)
  const join = (connected: number): void => {
    journal.observe({ kind: 'peer-joined', address: at(4002), connected }, connected)
  }
  for (let count = 1; count <= RECENT_EVENTS_MAX; count += 1) join(count)
  t.is(lines().length, RECENT_EVENTS_MAX)
  t.is(lines()[0]?.at, 'time 1')
  join(RECENT_EVENTS_MAX + 1)
  t.is(lines().length, RECENT_EVENTS_MAX)
  t.is(lines()[0]?.at, 'time 2')
  t.is(lines().at(-1)?.at, `time ${RECENT_EVENTS_MAX + 1}`)
})
