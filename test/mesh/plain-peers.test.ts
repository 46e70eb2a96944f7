/** Peers that use HANDSHAKE and nothing else are full members. */

import test from 'ava'
import { DIAL_BACK_PAUSE_MS_MIN } from '../../src/mesh/limits.ts'
import { at, PLAIN, startNode } from '../helpers/core.ts'

/** So many failures that a known peer is dialed about once a minute. */
const BACKED_OFF = 12

test('plain peers - one that dials us and sends HANDSHAKE is dialed back at once', (t) => {
  const node = startNode()
  const link = node.accepts(PLAIN)
  t.deepEqual(node.dials, [])
  node.receivesHandshake(link, [at(4002)])
  t.deepEqual(node.dials, [at(4002)])
  t.deepEqual(node.connected, [])
  node.reaches(at(4002), PLAIN)
  t.deepEqual(node.connected, [at(4002)])
})

test('plain peers - one that was just given up is dialed back when it dials us', (t) => {
  const node = startNode({ knownPeers: [at(4002)], random: () => 0.99 })
  for (let failures = 0; failures < BACKED_OFF; failures += 1) {
    node.failsToReach(at(4002))
    node.waits(60_000)
  }
  node.failsToReach(at(4002))
  node.waits(DIAL_BACK_PAUSE_MS_MIN)
  t.deepEqual(node.dials, [], 'it backs off')
  node.receivesHandshake(node.accepts(PLAIN), [at(4002)])
  t.deepEqual(node.dials, [at(4002)])
})

for (const [where, name] of [
  ['first', (own: string) => [own, at(4003), at(4004)]],
  ['last', (own: string) => [at(4003), at(4004), own]],
  ['first and last', (own: string) => [own, at(4003), own]],
] as const) {
  test(`plain peers - one that was 40 s away and names itself ${where} is dialed back at once`, (t) => {
    const node = startNode({ random: () => 0.99 })
    node.receivesHandshake(node.accepts(PLAIN), name(at(4002)))
    for (const dialed of node.dials) {
      if (dialed !== at(4002)) node.failsToReach(dialed)
    }
    node.loses(node.reaches(at(4002), PLAIN))
    for (let second = 0; second < 40; second += 1) {
      node.waits(1_000)
      for (const dialed of node.dials) node.failsToReach(dialed)
    }
    node.receivesHandshake(node.accepts(PLAIN), name(at(4002)))
    t.deepEqual(
      node.dials.filter((dialed) => dialed === at(4002)),
      [at(4002)],
    )
  })
}

test('plain peers - the addresses in the middle are dialed when their pause is over', (t) => {
  const known = [at(4002), at(4003), at(4004)]
  const node = startNode({ knownPeers: known, random: () => 0.99 })
  for (let failures = 0; failures < BACKED_OFF; failures += 1) {
    for (const one of known) node.failsToReach(one)
    node.waits(60_000)
  }
  for (const one of known) node.failsToReach(one)
  node.waits(DIAL_BACK_PAUSE_MS_MIN)
  node.receivesHandshake(node.accepts(PLAIN), known)
  t.deepEqual(node.dials, [at(4002), at(4004)])
})

test('plain peers - one that dials us right after a dial failed is dialed back within a second', (t) => {
  const node = startNode({ knownPeers: [at(4002)], random: () => 0.99 })
  for (let failures = 0; failures < BACKED_OFF; failures += 1) {
    node.failsToReach(at(4002))
    node.waits(60_000)
  }
  const dialedMs = node.nowMs
  node.failsToReach(at(4002))
  node.receivesHandshake(node.accepts(PLAIN), [at(4002)])
  node.waits(dialedMs + DIAL_BACK_PAUSE_MS_MIN - node.nowMs)
  t.deepEqual(node.dials, [at(4002)])
})

test('plain peers - a dialer cannot make us dial an address more than once a second', (t) => {
  const node = startNode({ random: () => 0.99 })
  const link = node.accepts(PLAIN)
  let dials = 0
  for (let calls = 0; calls < 40; calls += 1) {
    node.receivesHandshake(link, [at(4002)])
    dials += node.dials.length
    for (const dialed of node.dials) node.failsToReach(dialed)
    node.waits(100)
    dials += node.dials.length
    for (const dialed of node.dials) node.failsToReach(dialed)
  }
  t.true(dials >= 4 && dials <= 5, `${dials} dials in 4 s`)
})

test('plain peers - nothing is sent on a link that one dialed', (t) => {
  const node = startNode()
  const called = node.accepts(PLAIN)
  node.receivesHandshake(called, [at(4002)])
  node.reaches(at(4002), PLAIN)
  node.waits(10 * 60 * 1_000)
  t.true(node.pings.length > 0)
  t.true(node.handshakes.length > 0)
  t.false(node.pings.includes(called))
  t.false(node.handshakes.some((sent) => sent.link === called))
})

test('plain peers - a link that one dialed is not closed for silence', (t) => {
  const node = startNode()
  const link = node.accepts(PLAIN)
  node.receivesHandshake(link, [at(4002)])
  node.reaches(at(4002), PLAIN)
  node.waits(60 * 60 * 1_000)
  t.true(node.linkIds.includes(link))
})

test('plain peers - one that closes its own link stays connected by ours', (t) => {
  const node = startNode()
  const called = node.accepts(PLAIN)
  node.receivesHandshake(called, [at(4002)])
  node.reaches(at(4002), PLAIN)
  node.loses(called)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.events, [])
})

test('plain peers - one whose server is gone has left, although its own link is open', (t) => {
  const node = startNode()
  node.receivesHandshake(node.accepts(PLAIN), [at(4002)])
  node.loses(node.reaches(at(4002), PLAIN))
  t.deepEqual(node.connected, [])
})

test('plain peers - one that names no address is not dialed back and stays linked', (t) => {
  const node = startNode()
  const link = node.accepts(PLAIN)
  node.receivesHandshake(link, [])
  node.receivesHandshake(link, ['rubbish'])
  t.deepEqual(node.dials, [])
  t.deepEqual(node.linkIds, [link])
})
