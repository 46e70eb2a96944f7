import test from 'ava'
import {
  LogRateLimit,
  RATE_KEYS_MAX,
  RATE_LINES_OF_KIND_MAX,
  RATE_WINDOW_MS,
} from '../../src/log/log-rate-limit.ts'

const A = { key: 'a', linesMax: 1 }

test('log rate limit - passes a key once in a window, then counts those that were suppressed', (t) => {
  const rateLimit = new LogRateLimit()
  t.is(rateLimit.admit(A, 0), 0)
  t.is(rateLimit.admit(A, 1), undefined)
  t.is(rateLimit.admit(A, RATE_WINDOW_MS - 1), undefined)
  t.is(rateLimit.admit(A, RATE_WINDOW_MS), 2)
  t.is(rateLimit.admit(A, 2 * RATE_WINDOW_MS), 0)
})

test('log rate limit - passes as many lines of a key as its rule allows, and not one more', (t) => {
  const rateLimit = new LogRateLimit()
  const rule = { key: 'a', linesMax: 3 }
  t.deepEqual(
    [1, 2, 3].map(() => rateLimit.admit(rule, 0)),
    [0, 0, 0],
  )
  t.is(rateLimit.admit(rule, 1), undefined)
  t.is(rateLimit.admit(rule, RATE_WINDOW_MS), 1)
})

test('log rate limit - keeps keys apart', (t) => {
  const rateLimit = new LogRateLimit()
  t.is(rateLimit.admit(A, 0), 0)
  t.is(rateLimit.admit({ key: 'b', linesMax: 1 }, 0), 0)
})

test('log rate limit - has as many keys as its limit, and drops the oldest for one more', (t) => {
  const rateLimit = new LogRateLimit()
  const admit = (key: string, nowMs: number) => rateLimit.admit({ key, linesMax: 1 }, nowMs)
  for (let key = 0; key < RATE_KEYS_MAX; key += 1) admit(String(key), 0)
  t.is(admit('0', 1), undefined)
  admit('one more', 1)
  t.is(admit('1', 1), undefined)
  t.is(admit('0', 1), 0)
})

test('log rate limit - keys that others make up have a limit together, and not other lines', (t) => {
  const rateLimit = new LogRateLimit()
  const admit = (key: number, nowMs: number) =>
    rateLimit.admit({ key: `made up ${key}`, linesMax: 1, kind: 'made up' }, nowMs)
  for (let key = 0; key < RATE_LINES_OF_KIND_MAX; key += 1) t.is(admit(key, 0), 0)
  t.is(admit(RATE_LINES_OF_KIND_MAX, 1), undefined)
  t.is(admit(RATE_LINES_OF_KIND_MAX + 1, 1), undefined)
  t.is(rateLimit.admit({ key: 'b', linesMax: 1, kind: 'another' }, 1), 0)
  t.is(rateLimit.admit(A, 1), 0)
  t.is(admit(9_999, RATE_WINDOW_MS), 2)
  t.is(admit(9_998, RATE_WINDOW_MS), 0)
})
