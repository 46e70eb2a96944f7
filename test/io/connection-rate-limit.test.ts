import test from 'ava'
import { Door } from '../../src/io/connection-rate-limit.ts'
import { KNOCKING_HOSTS_MAX, KNOCKS_BURST, KNOCKS_PER_SECOND } from '../../src/mesh/limits.ts'

/** How many of a number of knocks at one moment are let in. */
function letIn(door: Door, ip: string, knocks: number, nowMs: number): number {
  return Array.from({ length: knocks }, () => door.opensFor(ip, nowMs)).filter(Boolean).length
}

test('door - lets a host knock as often as the burst, then at its pace', (t) => {
  const door = new Door()
  t.is(letIn(door, '192.0.2.1', KNOCKS_BURST + 1, 0), KNOCKS_BURST)
  t.is(letIn(door, '192.0.2.1', 1000, 1000), KNOCKS_PER_SECOND)
})

test('door - counts hosts apart', (t) => {
  const door = new Door()
  letIn(door, '192.0.2.1', KNOCKS_BURST, 0)
  t.false(door.opensFor('192.0.2.1', 0))
  t.true(door.opensFor('192.0.2.2', 0))
})

test('door - takes an IPv6 network of 64 bits for one host, in any spelling', (t) => {
  const door = new Door()
  letIn(door, '2001:db8::1', KNOCKS_BURST, 0)
  t.false(door.opensFor('2001:db8::2', 0))
  t.false(door.opensFor('2001:db8:0:0:9::1', 0))
  t.false(door.opensFor('2001:db8:0:0:1:2:3:4', 0))
  t.true(door.opensFor('2001:db8:0:1::1', 0))
})

test('door - never closes for loopback', (t) => {
  const door = new Door()
  for (const ip of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    t.is(letIn(door, ip, KNOCKS_BURST + 1, 0), KNOCKS_BURST + 1, ip)
  }
})

test('door - remembers as many hosts as its limit, and lets the oldest start afresh for one more', (t) => {
  const door = new Door()
  letIn(door, '10.0.0.0', KNOCKS_BURST, 0)
  for (let n = 1; n < KNOCKING_HOSTS_MAX; n += 1) door.opensFor(`10.1.${n >> 8}.${n & 255}`, 0)
  t.false(door.opensFor('10.0.0.0', 0))
  door.opensFor('10.2.0.0', 0)
  t.true(door.opensFor('10.0.0.0', 0))
})
