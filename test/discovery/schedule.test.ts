import test from 'ava'
import { pauseMs } from '../../src/discovery/schedule.ts'

test('schedule - asks at 0, 1, 2, 5 and 10 s, then every 24 to 36 s without end', (t) => {
  const times: number[] = []
  for (let asked = 0; asked < 5; asked += 1) times.push((times.at(-1) ?? 0) + pauseMs(asked, 0.9))
  t.deepEqual(times, [0, 1_000, 2_000, 5_000, 10_000])
  for (const asked of [5, 6, 1_000_000]) {
    t.is(pauseMs(asked, 0), 24_000)
    t.is(pauseMs(asked, 0.5), 30_000)
    t.is(Math.round(pauseMs(asked, 0.999_999_9)), 36_000)
  }
})
