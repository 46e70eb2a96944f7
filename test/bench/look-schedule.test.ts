import test from 'ava'
import { LOOK_AT_LEAST_MS, LookSchedule } from '../../bench/look-schedule.ts'

/** A wait for three connections, begun at 1,000 ms. */
const three = () => new LookSchedule(3, 1000)

test('look schedule - waits for both ends of every connection', (t) => {
  t.false(three().isDue({ openEnds: 5, accepted: 3 }, 1000))
  t.true(three().isDue({ openEnds: 6, accepted: 3 }, 1000))
})

test('look schedule - looks again when as many are accepted as were missing', (t) => {
  const schedule = three()
  schedule.looked({ openEnds: 8, accepted: 10 }, 1000, { missing: 2, pending: 0 })
  t.false(schedule.isDue({ openEnds: 8, accepted: 11 }, 1001))
  t.true(schedule.isDue({ openEnds: 8, accepted: 12 }, 1001))
})

test('look schedule - counts no half-open connection twice', (t) => {
  const schedule = three()
  schedule.looked({ openEnds: 8, accepted: 10 }, 1000, { missing: 2, pending: 1 })
  t.false(schedule.isDue({ openEnds: 8, accepted: 10 }, 1001))
  t.true(schedule.isDue({ openEnds: 8, accepted: 11 }, 1001))
})

test('look schedule - looks now and then although too few are accepted', (t) => {
  const schedule = three()
  const counted = { openEnds: 8, accepted: 10 }
  schedule.looked(counted, 3000, { missing: 2, pending: 0 })
  t.false(schedule.isDue(counted, 3000 + LOOK_AT_LEAST_MS - 1))
  t.true(schedule.isDue(counted, 3000 + LOOK_AT_LEAST_MS))
})

test('look schedule - rests thirty times what a look takes, for a fiftieth of the time', (t) => {
  t.is(three().pauseMs(0.05, 1000), 5)
  t.is(three().pauseMs(1, 11_000), 30)
  t.is(three().pauseMs(100, 11_000), 200)
})
