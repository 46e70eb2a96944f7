import test from 'ava'
import { type Link, newLink } from '../../src/mesh/links/link.ts'
import { diagnose, pingAfterWhileYoung } from '../../src/mesh/links/liveness.ts'
import { DEFAULT_TIMINGS, type Timings } from '../../src/mesh/timings.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, startNode } from '../helpers/core.ts'

const PEER = identityAt(4002)
const MUTE = { peersAnswer: false }

/** When a link was opened that is not young any more. */
const LONG_AGO_MS = -1_000_000

function accepted(state: Partial<Link> = {}): Link {
  return {
    ...newLink(1, { kind: 'accepted', remote: '127.0.0.1:9', host: '127.0.0.1' }, PEER, 0),
    openedMs: LONG_AGO_MS,
    ...state,
  }
}

function dialed(state: Partial<Link> = {}): Link {
  const link = newLink(1, { kind: 'dialed', address: at(4002), host: 'localhost' }, PEER, 0)
  return { ...link, openedMs: LONG_AGO_MS, ...state }
}

const diagnosisAt = (link: Link, nowMs: number, lateMs = 0, nodesJoin = false) =>
  diagnose(link, nowMs, lateMs, DEFAULT_TIMINGS, nodesJoin)

test('liveness - the acceptor pings after 15 s of silence, or from 7.5 s on', (t) => {
  const link = accepted({ lastReceivedMs: 1_000 })
  const untilMs = 16_000
  t.deepEqual(diagnosisAt(link, 8_499), { kind: 'alive', untilMs, mayPing: false })
  t.deepEqual(diagnosisAt(link, 8_500), { kind: 'alive', untilMs, mayPing: true })
  t.deepEqual(diagnosisAt(link, 15_999), { kind: 'alive', untilMs, mayPing: true })
  t.deepEqual(diagnosisAt(link, 16_000), { kind: 'quiet' })
})

test('liveness - the dialer pings 3 s later than the acceptor, and never early', (t) => {
  const link = dialed({ lastReceivedMs: 1_000 })
  t.deepEqual(diagnosisAt(link, 18_999), { kind: 'alive', untilMs: 19_000, mayPing: false })
  t.deepEqual(diagnosisAt(link, 19_000), { kind: 'quiet' })
})

test('liveness - a plain peer that was dialed is pinged as by an acceptor: it never pings', (t) => {
  t.is(diagnosisAt(dialed({ identity: undefined }), 14_999).kind, 'alive')
  t.is(diagnosisAt(dialed({ identity: undefined }), 15_000).kind, 'quiet')
})

test('liveness - a link is dead after 45 s of silence, whenever it was pinged', (t) => {
  for (const link of [accepted({ pingedMs: 7_500 }), dialed({ pingedMs: 18_000 })]) {
    t.deepEqual(diagnosisAt(link, 44_999), { kind: 'alive', untilMs: 45_000, mayPing: false })
    t.deepEqual(diagnosisAt(link, 45_000), { kind: 'dead' })
  }
})

test('liveness - a ping has 12 s to be answered in any case', (t) => {
  const link = accepted({ lastReceivedMs: 0, pingedMs: 100_000 })
  t.is(diagnosisAt(link, 111_999).kind, 'alive')
  t.is(diagnosisAt(link, 112_000).kind, 'dead')
})

test('liveness - a link lives longer by the time for which we were late, by 15 s at most', (t) => {
  const link = accepted({ lateMs: 1_000, pingedMs: 7_500 })
  for (const [lateMs, deadMs] of [
    [1_000, 45_000],
    [1_100, 45_100],
    [16_000, 60_000],
    [16_001, 60_000],
  ] as const) {
    const alive = { kind: 'alive', untilMs: deadMs, mayPing: false } as const
    t.deepEqual(diagnosisAt(link, deadMs - 1, lateMs), alive)
    t.is(diagnosisAt(link, deadMs, lateMs).kind, 'dead')
  }
})

test('liveness - however late we are, a link is pinged in time', (t) => {
  t.is(diagnosisAt(accepted(), 14_999, 10_000).kind, 'alive')
  t.is(diagnosisAt(accepted(), 15_000, 10_000).kind, 'quiet')
})

test('liveness - a young link is pinged after twice the time while nodes join, if an answer has time', (t) => {
  const pingAfterMs = (change: Partial<Timings> = {}) =>
    pingAfterWhileYoung({ ...DEFAULT_TIMINGS, ...change })
  t.is(pingAfterMs(), 30_000)
  t.is(pingAfterMs({ pingAfterMs: 14_999 }), 29_998)
  t.is(pingAfterMs({ pingAfterMs: 15_001 }), 30_000.5)
  t.is(pingAfterMs({ pingAfterMs: 40_000 }), 42_500)
  for (const [openedMs, lastReceivedMs, acceptedMs] of [
    [0, 0, 30_000],
    [0, 30_000, 60_000],
    [0, 30_001, 60_000],
    [0, 45_000, 60_000],
    [0, 45_001, 60_001],
    [0, 60_000, 75_000],
  ] as const) {
    const state = { openedMs, lastReceivedMs }
    for (const [link, quietMs] of [
      [accepted(state), acceptedMs],
      [dialed(state), acceptedMs + 3_000],
    ] as const) {
      t.like(diagnosisAt(link, quietMs - 1, 0, true), { kind: 'alive', untilMs: quietMs })
      t.is(diagnosisAt(link, quietMs, 0, true).kind, 'quiet', `${lastReceivedMs} ms`)
      const restMs = lastReceivedMs + 15_000 + quietMs - acceptedMs
      t.is(diagnosisAt(link, restMs).kind, 'quiet', 'no node joins')
    }
  }
})

test('liveness - a peer that stops is gone 45 s after its last frame, whoever joins when', (t) => {
  for (const kind of ['accepted', 'dialed']) {
    for (const stoppedMs of [0, 20_000, 55_000]) {
      for (let joinMs = 0; joinMs < 44_000; joinMs += 1_300) {
        const node = startNode()
        const dial = node.reaches(at(4002), PEER)
        const link = kind === 'dialed' ? dial : node.accepts(identityAt(4003))
        if (kind === 'accepted') node.receivesHandshake(link, [])
        node.waits(stoppedMs)
        node.receivesPong(link)
        node.waits(joinMs, MUTE)
        node.receivesHandshake(node.accepts(identityAt(4004)), [])
        node.waits(44_999 - joinMs, MUTE)
        const about = `${kind}, stopped at ${stoppedMs}, another joined ${joinMs} ms later`
        t.true(node.linkIds.includes(link), about)
        node.waits(1, MUTE)
        t.false(node.linkIds.includes(link), about)
      }
    }
  }
})

test('liveness - a process that stands still after a late ping gives its peer time to answer', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  node.waits(16_000, MUTE)
  node.receivesHandshake(node.accepts(identityAt(4003)), [])
  node.waits(17_000, MUTE)
  t.true(node.pings.includes(link))
  // The whole machine stands still for 14 s.
  node.nowMs += 14_050
  node.handle({ kind: 'deadline' })
  node.waits(10_900, MUTE)
  t.true(node.linkIds.includes(link))
  node.waits(1_000, MUTE)
  t.false(node.linkIds.includes(link))
})

test('liveness - with a long pingAfterMs a link is closed in time, too', (t) => {
  for (const pingAfterMs of [15_000, 20_000, 30_000, 44_000]) {
    const node = startNode({ timings: { pingAfterMs } })
    const link = node.reaches(at(4002), PEER)
    node.waits(60_000)
    node.receivesPong(link)
    node.waits(44_999, MUTE)
    t.true(node.linkIds.includes(link), `${pingAfterMs} ms`)
    node.waits(1_000, MUTE)
    t.false(node.linkIds.includes(link), `${pingAfterMs} ms`)
  }
})

test('liveness - a link of a node that is late all the time is given up after 60 s', (t) => {
  const node = startNode()
  node.reaches(at(4002), PEER)
  const goneMs = (lateMs: number) => {
    const sinceMs = node.nowMs
    while (node.connected.length > 0) {
      node.nowMs = (node.mesh.deadlineMs() ?? 0) + lateMs
      node.handle({ kind: 'deadline' })
    }
    return node.nowMs - sinceMs
  }
  const late = goneMs(5_000)
  t.true(late > 55_000 && late <= 65_000, `gone after ${late} ms`)
  node.reaches(at(4002), PEER)
  t.is(goneMs(0), 45_000)
})

test('liveness - frames that come while a timer is due do not count the delay twice', (t) => {
  const node = startNode()
  const silent = node.accepts(PEER)
  node.receivesHandshake(silent, [])
  const other = node.accepts(identityAt(4003))
  node.receivesHandshake(other, [])
  node.waits(15_000, MUTE)
  // The next deadline is 10 s late, and frames of another peer come meanwhile.
  const dueMs = node.mesh.deadlineMs() ?? 0
  for (let lateMs = 1_000; lateMs <= 10_000; lateMs += 1_000) {
    node.nowMs = dueMs + lateMs
    node.receives(other, '{"type":"OTHER"}')
  }
  node.handle({ kind: 'deadline' })
  node.waits(54_999 - node.nowMs, MUTE)
  t.true(node.linkIds.includes(silent))
  node.waits(1, MUTE)
  t.false(node.linkIds.includes(silent))
})

test('liveness - honors the pingAfterMs and silentAfterMs options', (t) => {
  const timings = { ...DEFAULT_TIMINGS, pingAfterMs: 100, silentAfterMs: 300 }
  t.is(diagnose(accepted(), 100, 0, timings, false).kind, 'quiet')
  t.is(diagnose(dialed(), 119, 0, timings, false).kind, 'alive')
  t.is(diagnose(dialed(), 120, 0, timings, false).kind, 'quiet')
  t.is(diagnose(accepted({ pingedMs: 100 }), 300, 0, timings, false).kind, 'dead')
})

test('liveness - an answer has some time even with the shortest timings', (t) => {
  const timings = { ...DEFAULT_TIMINGS, pingAfterMs: 44_000, silentAfterMs: 45_000 }
  t.is(diagnose(dialed(), 44_100, 0, timings, false).kind, 'quiet')
  t.is(diagnose(dialed({ pingedMs: 44_100 }), 44_999, 0, timings, false).kind, 'alive')
})

test('liveness - a silent peer that dialed us is pinged at 15 s and gone at 45 s', (t) => {
  const node = startNode()
  const link = node.accepts(PEER)
  node.receivesHandshake(link, [])
  node.waits(14_999, MUTE)
  t.deepEqual(node.pings, [])
  node.waits(1, MUTE)
  t.deepEqual(node.pings, [link])
  node.waits(29_999, MUTE)
  t.deepEqual(node.connected, [at(4002)])
  node.waits(1, MUTE)
  t.deepEqual(node.connected, [])
  t.deepEqual(node.closeCodes, [CloseCode.SILENT])
})

test('liveness - a peer that stops at any moment is gone 45 s after its last frame', (t) => {
  for (const stoppedMs of [1, 14_999, 15_001, 18_000, 20_000, 44_999, 45_001, 59_999, 100_000]) {
    const node = startNode()
    const link = node.reaches(at(4002), PEER)
    node.waits(stoppedMs)
    node.receivesPong(link)
    node.waits(44_999, MUTE)
    t.deepEqual(node.connected, [at(4002)], `stopped at ${stoppedMs}`)
    node.waits(1, MUTE)
    t.deepEqual(node.connected, [], `stopped at ${stoppedMs}`)
  }
})

test('liveness - all links that are silent for a while are pinged together', (t) => {
  const node = startNode()
  const links = [4002, 4003, 4004].map((port) => {
    const link = node.accepts(identityAt(port))
    node.receivesHandshake(link, [])
    return link
  })
  // No node joins any more.
  node.waits(30_000)
  const [first, second, third] = links
  node.receivesPong(first ?? 0)
  node.waits(1_000, MUTE)
  node.receivesPong(second ?? 0)
  node.waits(5_000, MUTE)
  node.receivesPong(third ?? 0)
  node.waits(8_999, MUTE)
  t.deepEqual(node.pings, [])
  node.waits(1, MUTE)
  t.deepEqual(node.pings, [first, second, third])
})

test('liveness - a received ping makes the node ping all links that are silent for a while', (t) => {
  const node = startNode()
  const quiet = node.accepts(PEER)
  node.receivesHandshake(quiet, [])
  const other = node.reaches(at(4003), identityAt(4003))
  node.waits(29_000)
  node.receivesPong(quiet)
  node.receivesPong(other)
  node.waits(7_499, MUTE)
  node.receivesPong(other)
  node.waits(0, MUTE)
  t.deepEqual(node.pings, [])
  node.waits(1, MUTE)
  node.receivesPong(other)
  node.waits(0, MUTE)
  t.deepEqual(node.pings, [quiet])
})

test('liveness - while nodes join, no link is pinged early', (t) => {
  const node = startNode()
  const quiet = node.accepts(PEER)
  node.receivesHandshake(quiet, [])
  node.waits(4_000, MUTE)
  const other = node.accepts(identityAt(4003))
  node.receivesHandshake(other, [])
  node.waits(8_000, MUTE)
  const third = node.reaches(at(4004), identityAt(4004))
  node.receivesPong(third)
  node.waits(17_999, MUTE)
  t.deepEqual(node.pings, [])
  node.waits(1, MUTE)
  t.deepEqual(node.pings, [quiet, other, third])
})

test('liveness - nodes that are linked in a ring come to ping at the same time', (t) => {
  const SIZE = 6
  const ports = Array.from({ length: SIZE }, (_none, index) => 5_001 + index)
  // Each accepted the link to the next one, and dialed the one before.
  const nodes = ports.map((port, index) => {
    const next = ports[(index + 1) % SIZE] ?? 0
    const before = ports[(index + SIZE - 1) % SIZE] ?? 0
    const node = startNode({ port })
    const fromNext = node.accepts(identityAt(next))
    node.receivesHandshake(fromNext, [])
    return { node, fromNext, toBefore: node.reaches(at(before), identityAt(before)) }
  })
  // Out of step at first.
  for (const [index, { node, fromNext, toBefore }] of nodes.entries()) {
    node.waits(40_000 + 2_400 * index)
    for (const link of [fromNext, toBefore]) node.receivesPong(link)
    node.nowMs = 60_000
  }
  const askedMs = new Map<number, number>()
  for (let nowMs = 60_000; nowMs < 360_000; nowMs += 10) {
    for (const [index, { node, fromNext }] of nodes.entries()) {
      node.nowMs = nowMs
      if ((node.mesh.deadlineMs() ?? Number.POSITIVE_INFINITY) > nowMs) continue
      node.handle({ kind: 'deadline' })
      if (!node.pings.includes(fromNext)) continue
      askedMs.set(index, nowMs)
      const next = nodes[(index + 1) % SIZE]
      next?.node.handle({ kind: 'ping-received', link: next.toBefore })
      node.receivesPong(fromNext)
    }
  }
  const times = [...askedMs.values()]
  t.is(times.length, SIZE)
  t.true(Math.max(...times) - Math.min(...times) < 1_000, `asked at ${times}`)
})

test('liveness - a peer that answers pings stays', (t) => {
  const node = startNode()
  node.reaches(at(4002), PEER)
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.connected, [at(4002)])
})

test('liveness - a peer that sends frames is not pinged', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  for (let second = 0; second < 60; second += 10) {
    node.waits(10_000, MUTE)
    t.deepEqual(node.pings, [])
    node.receives(link, '{"type":"OTHER"}')
  }
  t.deepEqual(node.connected, [at(4002)])
})

test('liveness - a process that was frozen gives its peers time to answer', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  node.nowMs = 10 * 60 * 1_000
  node.handle({ kind: 'deadline' })
  t.deepEqual(node.pings, [link])
  node.waits(11_999, MUTE)
  t.deepEqual(node.connected, [at(4002)])
  node.receivesPong(link)
  node.waits(30_000)
  t.deepEqual(node.connected, [at(4002)])
})

test('liveness - a link that its peer closed is not pinged', (t) => {
  const node = startNode()
  node.loses(node.reaches(at(4002), PEER))
  node.waits(60_000)
  t.deepEqual(node.pings, [])
})

test('liveness - a peer whose machine takes bytes is not silent, and is gone 45 s after the last', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  for (let looks = 0; looks < 12; looks += 1) {
    node.waits(10_000, MUTE)
    node.handle({ kind: 'link-alive', link })
  }
  node.waits(44_999, MUTE)
  t.true(node.linkIds.includes(link))
  node.waits(1, MUTE)
  t.false(node.linkIds.includes(link))
  t.deepEqual(node.closeCodes.slice(-1), [CloseCode.SILENT])
})
