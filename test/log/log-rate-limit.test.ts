import test from 'ava'
import { CAUSES_MAX, LogRateLimit, QUIET_MS } from '../../src/log/log-rate-limit.ts'

test('flood rateLimit - passes a cause once, then holds it back until it was quiet long enough', (t) => {
  const rateLimit = new LogRateLimit()
  t.is(rateLimit.admit('a', 0), 0)
  t.is(rateLimit.admit('a', 1), undefined)
  t.is(rateLimit.admit('a', QUIET_MS - 1), undefined)
  t.is(rateLimit.admit('a', QUIET_MS), 2, 'says how many were held back')
  t.is(rateLimit.admit('a', 2 * QUIET_MS), 0)
})

test('flood rateLimit - passes as many lines of a cause as it is allowed, and not one more', (t) => {
  const rateLimit = new LogRateLimit()
  t.deepEqual(
    [1, 2, 3].map(() => rateLimit.admit('a', 0, 3)),
    [0, 0, 0],
  )
  t.is(rateLimit.admit('a', 1, 3), undefined)
  t.is(rateLimit.admit('a', QUIET_MS, 3), 1)
})

test('flood rateLimit - keeps causes apart', (t) => {
  const rateLimit = new LogRateLimit()
  t.is(rateLimit.admit('a', 0), 0)
  t.is(rateLimit.admit('b', 0), 0)
})

test('flood rateLimit - remembers as many causes as its limit, and forgets the oldest for one more', (t) => {
  const rateLimit = new LogRateLimit()
  for (let cause = 0; cause < CAUSES_MAX; cause += 1) rateLimit.admit(String(cause), 0)
  t.is(rateLimit.admit('0', 1), undefined)
  rateLimit.admit('one more', 1)
  t.is(rateLimit.admit('1', 1), undefined)
  t.is(rateLimit.admit('0', 1), 0)
})
