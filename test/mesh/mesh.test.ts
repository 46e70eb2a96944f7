import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import {
  DIAL_LATE_MS,
  DIALS_LEARNED_MAX,
  DIALS_MAX,
  FAILURES_BEFORE_DROPPING,
  HANDSHAKE_ADDRESSES_MAX,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, PLAIN, startNode, TestNode } from '../helpers/core.ts'
import { Random } from '../sim/random.ts'

const PEER = identityAt(4002)

// --- Links between our nodes ---------------------------------------------------------------------

test('mesh - a link to one of our nodes counts for both ends, and both send HANDSHAKE on it', (t) => {
  const dialer = startNode({ port: 4001 })
  dialer.reaches(at(4002), identityAt(4002))
  const acceptor = startNode({ port: 4002 })
  acceptor.accepts(identityAt(4001))
  t.deepEqual(dialer.connected, [at(4002)])
  t.deepEqual(acceptor.connected, [at(4001)])
  t.deepEqual(dialer.handshakes[0]?.addresses, [at(4001), at(4002)])
  t.deepEqual(acceptor.handshakes[0]?.addresses, [at(4002), at(4001)])
})

test('mesh - one HANDSHAKE is sent on a new link, and learned addresses are not forwarded', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  t.is(node.handshakes.length, 1)
  node.receivesHandshake(link, [at(4002), at(4003)])
  t.deepEqual(node.handshakes, [])
  node.reaches(at(4003), identityAt(4003))
  t.is(node.handshakes.length, 1)
})

test('mesh - a dialer that is being dialed counts as connected, and no longer as attempted', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  t.deepEqual(node.attempting, [at(4002)])
  node.accepts(PEER)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.attempting, [])
})

test('mesh - a dial that fails while its address is connected causes no event and no backoff', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.accepts(PEER)
  node.failsToReach(at(4002))
  t.deepEqual(node.events, [])
  t.deepEqual(node.connected, [at(4002)])
})

test('mesh - joining and leaving are reported with the number of connected peers', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  t.deepEqual(node.eventsOf('peer-joined'), [
    { kind: 'peer-joined', address: at(4002), connected: 1 },
  ])
  node.loses(link)
  const ending = { by: 'network', code: 1006, reason: '' } as const
  t.deepEqual(node.eventsOf('peer-left'), [
    { kind: 'peer-left', address: at(4002), connected: 0, ending },
  ])
})

test('mesh - the end of a link is reported as closed by the peer, by us, or by the network', (t) => {
  const endings = (end: (node: TestNode, link: number) => void) => {
    const node = startNode()
    end(node, node.reaches(at(4002), PEER))
    return node.eventsOf('peer-left').map(({ ending }) => [ending.by, ending.code])
  }
  t.deepEqual(
    endings((node, link) => node.loses(link, 1001)),
    [['peer', 1001]],
  )
  t.deepEqual(
    endings((node, link) => node.loses(link, 1006)),
    [['network', 1006]],
  )
  t.deepEqual(
    endings((node, link) => node.receives(link, 'rubbish')),
    [['us', CloseCode.INVALID_PAYLOAD]],
  )
})

test('mesh - a peer with different code is reported, and one without Mesh-Code is not', (t) => {
  const code = (digit: string) => ({ code: digit.repeat(64) })
  const node = startNode({ identity: code('a') })
  node.reaches(at(4002), identityAt(4002, code('b')))
  t.deepEqual(node.eventsOf('other-code'), [
    { kind: 'other-code', address: at(4002), code: 'b'.repeat(64) },
  ])
  node.reaches(at(4003), identityAt(4003, code('a')))
  t.deepEqual(node.eventsOf('other-code'), [])
  node.reaches(at(4004), identityAt(4004))
  t.deepEqual(node.eventsOf('other-code'), [])
})

// --- Stale inputs --------------------------------------------------------------------------------

test('mesh - inputs about links that are gone change nothing', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  node.loses(link)
  node.reaches(at(4002), PEER)
  for (const input of [
    () => node.loses(link),
    () => node.receivesHandshake(link, [at(4009)]),
    () => node.receives(link, 'rubbish'),
    () => node.receivesPong(link),
    () => node.handle({ kind: 'backlog-stuck', link }),
    () => node.handle({ kind: 'frame-unreadable', link, code: CloseCode.TOO_BIG, reason: '' }),
    () => node.loses(99_999),
  ]) {
    input()
    t.deepEqual(node.orders, [])
    t.deepEqual(node.connected, [at(4002)])
  }
})

test('mesh - a deadline that has not come changes nothing', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.reaches(at(4002), PEER)
  node.handle({ kind: 'deadline' })
  t.deepEqual(node.orders, [])
})

// --- Dialing again -------------------------------------------------------------------------------

test('mesh - a peer that is lost is dialed again', (t) => {
  const node = startNode()
  node.loses(node.reaches(at(4002), PEER))
  node.waits(1_000)
  t.deepEqual(node.dials, [at(4002)])
})

test('mesh - a known peer is dialed again for ever, at most every minute', (t) => {
  const node = startNode({ knownPeers: [at(4002)], random: () => 0.99 })
  for (let failures = 0; failures < 100; failures += 1) {
    node.failsToReach(at(4002))
    const [failed] = node.eventsOf('dial-failed')
    t.true(failed?.known)
    t.true((failed?.retryInMs ?? Number.POSITIVE_INFINITY) <= 60_000)
    node.waits(60_000)
    t.deepEqual(node.dials, [at(4002)])
  }
})

test('mesh - a learned address that is never reached is forgotten after 5 failures', (t) => {
  const node = startNode()
  node.receivesHandshake(node.accepts(PLAIN), [at(4002)])
  for (let failures = 1; failures < FAILURES_BEFORE_DROPPING; failures += 1) {
    node.failsToReach(at(4002))
    node.waits(60_000)
    t.deepEqual(node.dials, [at(4002)])
  }
  node.failsToReach(at(4002))
  t.is(node.eventsOf('dial-failed')[0]?.retryInMs, undefined)
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.dials, [])
  t.is(node.mesh.sizes().book, 0)
})

test('mesh - a peer that closes every link at once is dialed less and less often', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  let dials = 0
  for (let second = 0; second < 600; second += 1) {
    for (const dialed of node.dials) {
      dials += 1
      node.loses(node.reaches(dialed, PEER), 1013)
    }
    node.waits(1_000)
  }
  t.true(dials > 10 && dials < 40, `${dials} dials in 10 minutes`)
})

test('mesh - 32 dials run at once, including those that verify', (t) => {
  const peers: readonly Address[] = Array.from({ length: DIALS_MAX + 5 }, (_, n) => at(5_000 + n))
  const node = startNode({ knownPeers: peers })
  t.is(node.attempting.length, DIALS_MAX)
  node.receivesHandshake(node.accepts(PEER), [at(4002)])
  node.waits(10_000)
  t.deepEqual(node.dials, [])
  t.is(node.mesh.sizes().dials, DIALS_MAX)
  node.failsToReach(at(5_000))
  t.deepEqual(node.dials, [at(4002)], 'what is to be verified goes first')
  t.is(node.mesh.sizes().dials, DIALS_MAX)
})

// --- Anti-entropy --------------------------------------------------------------------------------

test('anti-entropy - sends HANDSHAKE to one peer about every 30 s', (t) => {
  const node = startNode()
  node.reaches(at(4002), PEER)
  node.waits(10 * 60 * 1_000)
  t.is(node.handshakes.length, 20)
  t.deepEqual(node.handshakes[0]?.addresses, [at(4001), at(4002)])
})

test('anti-entropy - picks peers at random, each once a round', (t) => {
  let draw = 0
  const node = startNode({
    random: () => {
      draw += 1
      return ((draw * 7) % 10) / 10
    },
  })
  const links = [4002, 4003, 4004].map((port) => node.reaches(at(port), identityAt(port)))
  node.waits(60 * 60 * 1_000)
  const receivers = new Set(node.handshakes.map((sent) => sent.link))
  t.deepEqual([...receivers].toSorted(), links)
})

test('anti-entropy - claims that no dial has verified take no rounds of verified peers', (t) => {
  const random = new Random(1)
  const node = startNode({ random: () => random.unit() })
  const links = [4002, 4003, 4004].map((port) => node.reaches(at(port), PLAIN))
  const claims = Array.from({ length: 100 }, (_none, n) => node.accepts(identityAt(5_000 + n)))
  for (const [n, link] of claims.entries()) node.receivesHandshake(link, [at(5_000 + n)])
  node.waits(60 * 60 * 1_000)
  t.is(node.connected.length, links.length + claims.length)
  const sentOn = (one: number) => node.handshakes.filter(({ link }) => link === one).length
  // One round a minute.
  for (const link of links) t.true(sentOn(link) >= 10, `${sentOn(link)} of about 20`)
  t.true(claims.filter((link) => sentOn(link) > 0).length >= 20, 'claims have rounds, too')
})

test('anti-entropy - a node without peers sends nothing, and continues', (t) => {
  const node = startNode()
  node.waits(10 * 60 * 1_000)
  t.deepEqual(node.orders, [])
  node.reaches(at(4002), PEER)
  node.waits(60_000)
  t.true(node.handshakes.length > 0)
})

test('anti-entropy - honors the antiEntropyMs option', (t) => {
  const node = startNode({ timings: { antiEntropyMs: 100 } })
  node.reaches(at(4002), PEER)
  node.waits(1_000)
  t.is(node.handshakes.length, 10)
})

// --- Large meshes --------------------------------------------------------------------------------

/** The addresses that a node with this many connections sends to the next peer. */
function announcedWith(connected: number): readonly string[] {
  const node = startNode()
  for (let n = 0; n < connected; n += 1) node.reaches(at(10_000 + n), PLAIN)
  return node.handshakes[0]?.addresses ?? []
}

test('outgoing handshake - a node with 999 connections names all of them', (t) => {
  t.is(new Set(announcedWith(HANDSHAKE_ADDRESSES_MAX - 1)).size, HANDSHAKE_ADDRESSES_MAX)
})

test('outgoing handshake - a node with more names itself first, and a sample that fits', (t) => {
  const addresses = announcedWith(HANDSHAKE_ADDRESSES_MAX)
  t.is(addresses[0], at(4001))
  t.is(new Set(addresses).size, HANDSHAKE_ADDRESSES_MAX)
})

test('outgoing handshake - one that was extended equals one that is built anew', (t) => {
  const node = startNode()
  for (let n = 0; n < 5; n += 1) {
    const link = node.reaches(at(10_000 + n), PLAIN)
    const addresses = [at(4001), ...node.connected]
    t.deepEqual(node.handshakes, [{ link, addresses }])
    const [sent] = node.orders.flatMap((order) => (order.kind === 'send' ? [order.text] : []))
    t.is(sent, JSON.stringify({ type: 'HANDSHAKE', data: addresses }))
    if (n === 2) node.loses(1)
  }
})

// --- Start and stop ------------------------------------------------------------------------------

test('stop - closes every link with 1001 and leaves no timer', (t) => {
  const node = startNode({ knownPeers: [at(4009)] })
  const links = [node.reaches(at(4002), PEER), node.accepts(identityAt(4003)), node.accepts(PLAIN)]
  node.handle({ kind: 'stop-requested' })
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    links.map((link) => [link, CloseCode.GOING_AWAY]),
  )
  t.deepEqual(node.connected, [])
  t.deepEqual(node.linkIds, [])
  t.is(node.mesh.deadlineMs(), undefined)
})

test('stop - dials under way end, and nothing new begins', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  node.handle({ kind: 'stop-requested' })
  node.failsToReach(at(4002))
  t.deepEqual(node.dials, [])
  node.reaches(at(4003), identityAt(4003))
  t.deepEqual(node.closeCodes, [CloseCode.GOING_AWAY])
  t.deepEqual(node.attempting, [])
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [CloseCode.GOING_AWAY])
  t.deepEqual(node.linkIds, [])
  t.is(node.mesh.deadlineMs(), undefined)
})

test('start - a node that has not started accepts no link and dials no address', (t) => {
  const node = new TestNode({ knownPeers: [at(4002)] })
  node.accepts(PEER)
  t.deepEqual(node.closeCodes, [CloseCode.GOING_AWAY])
  t.deepEqual(node.dials, [])
})

test('mesh - an address that is named again is dialed as soon as its pause is over', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  node.receivesHandshake(link, [at(4003)])
  node.failsToReach(at(4003))
  node.receivesHandshake(link, [at(4003)])
  t.deepEqual(node.dials, [], 'it backs off')
  // The deadline of the pause is due, but the shell has not passed it on yet.
  node.nowMs += 500
  node.receivesHandshake(link, [at(4003)])
  t.deepEqual(node.dials, [at(4003)])
})

test('mesh - a peer that accepts and never answers lowers the number of dials where we are busy', (t) => {
  for (const [lateMs, dials, waitedMs] of [
    [DIAL_LATE_MS - 1, 1, 0],
    [DIAL_LATE_MS, 0, 0],
    [DIAL_LATE_MS, 1, 1],
  ] as const) {
    const node = startNode()
    const named = Array.from({ length: DIALS_LEARNED_MAX + 1 }, (_, index) => at(5_000 + index))
    node.receivesHandshake(node.reaches(at(4002), PLAIN), [at(4002), ...named])
    t.is(node.dials.length, DIALS_LEARNED_MAX)
    node.nowMs += DEFAULT_TIMINGS.dialTimeoutMs + lateMs
    node.handle({
      kind: 'dial-failed',
      address: at(5_000),
      failure: 'no-answer',
      reason: 'no answer',
      waitedMs,
    })
    t.is(node.dials.length, dials)
  }
})

test('mesh - a dial that waited for the lookup of its name does not count as slow', (t) => {
  for (const [waitedMs, dials] of [
    [0, []],
    [4_000, [at(4003)]],
  ] as const) {
    const node = startNode({ knownPeers: [at(4002)] })
    node.nowMs += 4_000
    const link = node.newLinkId()
    node.handle({ kind: 'dial-succeeded', address: at(4002), link, identity: PEER, waitedMs })
    // Its address is verified soon where dials are quick.
    node.accepts(identityAt(4003))
    node.nowMs += DEFAULT_TIMINGS.verifyMs
    node.handle({ kind: 'deadline' })
    t.deepEqual(node.dials, dials)
  }
})
