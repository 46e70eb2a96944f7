import test from 'ava'
import { ConnectionRateLimit } from '../../src/io/connection-rate-limit.ts'
import { CONNECTING_HOSTS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND } from '../../src/mesh/limits.ts'

/** How many of a number of knocks at one moment are let in. */
function letIn(door: ConnectionRateLimit, ip: string, knocks: number, nowMs: number): number {
  return Array.from({ length: knocks }, () => door.admits(ip, nowMs)).filter(Boolean).length
}

test('door - lets a host knock as often as the burst, then at its pace', (t) => {
  const door = new ConnectionRateLimit()
  t.is(letIn(door, '192.0.2.1', CONNECTS_BURST + 1, 0), CONNECTS_BURST)
  t.is(letIn(door, '192.0.2.1', 1000, 1000), CONNECTS_PER_SECOND)
})

test('door - counts hosts apart', (t) => {
  const door = new ConnectionRateLimit()
  letIn(door, '192.0.2.1', CONNECTS_BURST, 0)
  t.false(door.admits('192.0.2.1', 0))
  t.true(door.admits('192.0.2.2', 0))
})

test('door - takes an IPv6 network of 64 bits for one host, in any spelling', (t) => {
  const door = new ConnectionRateLimit()
  letIn(door, '2001:db8::1', CONNECTS_BURST, 0)
  t.false(door.admits('2001:db8::2', 0))
  t.false(door.admits('2001:db8:0:0:9::1', 0))
  t.false(door.admits('2001:db8:0:0:1:2:3:4', 0))
  t.true(door.admits('2001:db8:0:1::1', 0))
})

test('door - never closes for loopback', (t) => {
  const door = new ConnectionRateLimit()
  for (const ip of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    t.is(letIn(door, ip, CONNECTS_BURST + 1, 0), CONNECTS_BURST + 1, ip)
  }
})

test('door - remembers as many hosts as its limit, and lets the oldest start afresh for one more', (t) => {
  const door = new ConnectionRateLimit()
  letIn(door, '10.0.0.0', CONNECTS_BURST, 0)
  for (let n = 1; n < CONNECTING_HOSTS_MAX; n += 1) door.admits(`10.1.${n >> 8}.${n & 255}`, 0)
  t.false(door.admits('10.0.0.0', 0))
  door.admits('10.2.0.0', 0)
  t.true(door.admits('10.0.0.0', 0))
})
