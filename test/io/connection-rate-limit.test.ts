import test from 'ava'
import { ConnectionRateLimit } from '../../src/io/connection-rate-limit.ts'
import { CONNECTING_HOSTS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND } from '../../src/io/limits.ts'

/** How many of a number of connections at one moment are admitted. */
function admitted(
  limit: ConnectionRateLimit,
  host: string | undefined,
  count: number,
  nowMs: number,
): number {
  return Array.from({ length: count }, () => limit.admits(host, nowMs)).filter(Boolean).length
}

test('connection rate limit - admits a burst from a host, then so many a second', (t) => {
  const limit = new ConnectionRateLimit()
  t.is(admitted(limit, '192.0.2.1', CONNECTS_BURST + 1, 0), CONNECTS_BURST)
  t.is(admitted(limit, '192.0.2.1', 1000, 1000), CONNECTS_PER_SECOND)
})

test('connection rate limit - counts each host by itself', (t) => {
  const limit = new ConnectionRateLimit()
  admitted(limit, '192.0.2.1', CONNECTS_BURST, 0)
  t.false(limit.admits('192.0.2.1', 0))
  t.true(limit.admits('192.0.2.2', 0))
})

test('connection rate limit - does not apply to our own machine', (t) => {
  const limit = new ConnectionRateLimit()
  t.is(admitted(limit, undefined, CONNECTS_BURST + 1, 0), CONNECTS_BURST + 1)
})

test('connection rate limit - keeps as many hosts as its limit, and drops the oldest for one more', (t) => {
  const limit = new ConnectionRateLimit()
  admitted(limit, '10.0.0.0', CONNECTS_BURST, 0)
  for (let n = 1; n < CONNECTING_HOSTS_MAX; n += 1) limit.admits(`10.1.${n >> 8}.${n & 255}`, 0)
  t.false(limit.admits('10.0.0.0', 0))
  limit.admits('10.2.0.0', 0)
  t.true(limit.admits('10.0.0.0', 0))
})
