import test from 'ava'
import { TokenBucket } from '../../src/structures/token-bucket.ts'

/** How many tokens can be taken in a row. */
function drain(bucket: TokenBucket, nowMs: number): number {
  let taken = 0
  while (bucket.take(nowMs)) taken += 1
  return taken
}

test('token bucket - gives a burst at once and no more', (t) => {
  t.is(drain(new TokenBucket(5, 10, 0), 0), 5)
})

test('token bucket - regains tokens at a steady rate', (t) => {
  const bucket = new TokenBucket(5, 10, 0)
  drain(bucket, 0)
  t.is(drain(bucket, 99), 0)
  t.is(drain(bucket, 100), 1)
  t.is(drain(bucket, 400), 3)
})

test('token bucket - never holds more than the burst', (t) => {
  t.is(drain(new TokenBucket(5, 10, 0), 1e9), 5)
})

test('token bucket - a clock that goes back removes no tokens', (t) => {
  const bucket = new TokenBucket(5, 10, 1_000)
  t.is(drain(bucket, 0), 5)
})

test('token bucket - tells when the next token is whole, whatever is rounded', (t) => {
  for (const perSecond of [3, 7, 16]) {
    const bucket = new TokenBucket(1, perSecond, 0.1)
    let nowMs = 0.1
    for (let taken = 0; taken < 100; taken += 1) {
      nowMs = bucket.availableAtMs(nowMs)
      t.is(bucket.availableAtMs(nowMs), nowMs)
      t.true(bucket.take(nowMs))
      t.true(bucket.availableAtMs(nowMs) > nowMs)
    }
  }
})
