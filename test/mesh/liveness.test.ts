import test from 'ava'
import { DEFAULT_TIMINGS } from '../../src/mesh/limits.ts'
import { type Link, newLink } from '../../src/mesh/link.ts'
import { diagnose } from '../../src/mesh/liveness.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, startNode } from '../helpers/core.ts'

const PEER = identityAt(4002)

function linkThatWas(state: Partial<Link>): Link {
  return { ...newLink(1, { kind: 'dialed', address: at(4002) }, PEER, 0), ...state }
}

const diagnosisAt = (link: Link, nowMs: number) => diagnose(link, nowMs, DEFAULT_TIMINGS)

test('liveness - a link is pinged after 15 s of silence', (t) => {
  const link = linkThatWas({ lastHeardMs: 1_000 })
  t.deepEqual(diagnosisAt(link, 15_999), { kind: 'alive', lookAgainMs: 16_000 })
  t.deepEqual(diagnosisAt(link, 16_000), { kind: 'ping', lookAgainMs: 46_000 })
})

test('liveness - a link is dead after 45 s of silence, 30 of them with a ping in the air', (t) => {
  const link = linkThatWas({ lastHeardMs: 0, pingedMs: 15_000 })
  t.deepEqual(diagnosisAt(link, 44_999), { kind: 'alive', lookAgainMs: 45_000 })
  t.deepEqual(diagnosisAt(link, 45_000), { kind: 'dead' })
})

test('liveness - honors the pingAfterMs and silentAfterMs options', (t) => {
  const timings = { ...DEFAULT_TIMINGS, pingAfterMs: 100, silentAfterMs: 300 }
  t.is(diagnose(linkThatWas({}), 100, timings).kind, 'ping')
  t.is(diagnose(linkThatWas({ pingedMs: 100 }), 300, timings).kind, 'dead')
})

test('liveness - a silent peer is pinged at 15 s and gone at 45 s', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  node.waits(14_999, { peersAnswer: false })
  t.deepEqual(node.pings, [])
  node.waits(1, { peersAnswer: false })
  t.deepEqual(node.pings, [link])
  node.waits(29_999, { peersAnswer: false })
  t.deepEqual(node.connected, [at(4002)])
  node.waits(1, { peersAnswer: false })
  t.deepEqual(node.connected, [])
  t.deepEqual(node.closeCodes, [CloseCode.SILENT])
})

test('liveness - a peer that stops at any moment is gone 45 s after it was last heard', (t) => {
  for (const stoppedMs of [1, 14_999, 15_001, 20_000, 44_999, 45_001, 59_999, 100_000]) {
    const node = startNode()
    const link = node.reaches(at(4002), PEER)
    node.waits(stoppedMs)
    node.seesLife(link)
    node.waits(44_999, { peersAnswer: false })
    t.deepEqual(node.connected, [at(4002)], `stopped at ${stoppedMs}`)
    node.waits(1, { peersAnswer: false })
    t.deepEqual(node.connected, [], `stopped at ${stoppedMs}`)
  }
})

test('liveness - a peer that answers pings stays', (t) => {
  const node = startNode()
  node.reaches(at(4002), PEER)
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.connected, [at(4002)])
})

test('liveness - a peer that is heard is not pinged', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  for (let second = 0; second < 60; second += 10) {
    node.waits(10_000, { peersAnswer: false })
    t.deepEqual(node.pings, [])
    node.hears(link, '{"type":"OTHER"}')
  }
  t.deepEqual(node.connected, [at(4002)])
})

test('liveness - a process that was frozen gives its peers the time to answer', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PEER)
  node.nowMs = 10 * 60 * 1_000
  node.tell({ kind: 'deadline' })
  t.deepEqual(node.pings, [link])
  node.waits(29_999, { peersAnswer: false })
  t.deepEqual(node.connected, [at(4002)])
  node.seesLife(link)
  node.waits(30_000)
  t.deepEqual(node.connected, [at(4002)])
})

test('liveness - a link that its peer has closed is pinged no more', (t) => {
  const node = startNode()
  node.loses(node.reaches(at(4002), PEER))
  node.waits(60_000)
  t.deepEqual(node.pings, [])
})
