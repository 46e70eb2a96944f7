/** Which links are asked for a feed whose owner is gone, when some tell of what they have not. */

import test from 'ava'
import { HOLE_WAIT_MS, WANT_PAUSE_MS } from '../../src/pubsub/limits.ts'
import { bodiesOf, events, frame, Lab, type LabNode } from './lab.ts'

const DEAD = '9'.repeat(32)
const NEXT = 5

/** A node with links to so many peers. It has the first item of the feed, or nothing. */
function nodeWith(peers: number, { hasFirst = true } = {}) {
  const lab = new Lab()
  const node = lab.start()
  const tells = (link: number, next = NEXT): void =>
    node.receive(link, frame('FEEDS', { have: { [DEAD]: next } }))
  const waits = (ms: number): void => {
    lab.nowMs += ms
    node.input({ kind: 'deadline' })
  }
  if (hasFirst) {
    const first = lab.intrude(node, 'd'.repeat(32), true)
    tells(first, 2)
    node.receive(first, events(DEAD, 1, [1]))
    waits(WANT_PAUSE_MS)
  }
  const links = Array.from({ length: peers }, (_, n) =>
    lab.intrude(node, n.toString(16).padStart(32, 'e'), true),
  )
  return { lab, node, links, tells, waits }
}

/** On how many of these links a node has asked for the feed, and how often in all. */
function asked(node: LabNode, links: readonly number[]): readonly [links: number, times: number] {
  const times = links.map((link) => {
    const frames = node.ways.get(link)?.frames ?? []
    return frames.filter((text) => text.includes('"WANT"')).length
  })
  return [times.filter((each) => each > 0).length, times.reduce((sum, each) => sum + each, 0)]
}

test('relays - of those that tell the same one is asked, as long as something comes', (t) => {
  for (const hasFirst of [true, false]) {
    const { node, links, tells, waits } = nodeWith(3, { hasFirst })
    const [first = 0] = links
    for (const link of links) tells(link)
    t.deepEqual(asked(node, links), [1, 1])
    waits(WANT_PAUSE_MS - 1)
    node.receive(first, events(DEAD, 1, [1, 2]))
    for (const link of links) tells(link)
    waits(1)
    for (const link of links) tells(link)
    waits(WANT_PAUSE_MS - 1)
    node.receive(first, events(DEAD, 3, [3, 4]))
    waits(1)
    waits(WANT_PAUSE_MS)
    t.deepEqual(asked(node, links), [1, 1])
    t.deepEqual(bodiesOf(node, DEAD), [1, 2, 3, 4])
  }
})

test('relays - where nothing comes the others are asked, twice as many each time', (t) => {
  const { node, links, tells, waits } = nodeWith(20)
  for (const link of links) tells(link)
  const counts = [asked(node, links)[0]]
  for (let second = 0; second < 5; second += 1) {
    waits(WANT_PAUSE_MS)
    counts.push(asked(node, links)[0])
  }
  t.deepEqual(counts, [1, 3, 7, 15, 20, 20])
  t.deepEqual(asked(node, links), [20, 20])
})

test('relays - for a feed that is too old for this node not all are asked, whoever tells', (t) => {
  const { node, links, tells, waits } = nodeWith(20, { hasFirst: false })
  for (let seconds = 0; seconds < 5; seconds += 1) {
    for (const link of links) tells(link)
    waits(WANT_PAUSE_MS)
  }
  t.deepEqual(asked(node, links), [5, 5])
})

test('relays - one that tells without end does not keep us from another that has told once', (t) => {
  const { node, links, tells, waits } = nodeWith(2)
  const [liar = 0, honest = 0] = links
  tells(liar)
  tells(honest)
  for (let ms = 0; ms < WANT_PAUSE_MS; ms += 5) {
    waits(5)
    tells(liar)
  }
  t.deepEqual(asked(node, [honest]), [1, 1])
  node.receive(honest, events(DEAD, 2, [2, 3, 4]))
  t.deepEqual(bodiesOf(node, DEAD), [1, 2, 3, 4])
})

test('relays - nor from one that tells once its time is over, of a feed that is new here', (t) => {
  const { node, links, tells, waits } = nodeWith(2, { hasFirst: false })
  const [liar = 0, honest = 0] = links
  for (let ms = 0; ms < 2 * WANT_PAUSE_MS; ms += 5) {
    waits(5)
    tells(liar)
  }
  tells(honest)
  t.deepEqual(asked(node, [honest]), [1, 1])
})

test('relays - one that stops in the middle is followed by another', (t) => {
  const { node, links, tells, waits } = nodeWith(2)
  const [first = 0] = links
  for (const link of links) tells(link)
  node.receive(first, events(DEAD, 2, [2]))
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, links), [1, 1])
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, links), [2, 2])
})

test('relays - one that has sent all that it has is followed at once by one that has more', (t) => {
  const { node, links, tells, waits } = nodeWith(2)
  const [first = 0, second = 0] = links
  tells(first, 3)
  tells(second)
  node.receive(first, events(DEAD, 2, [2]))
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, [second]), [1, 1])
})

test('relays - one that has sent all that it had, and gains meanwhile, is asked again soon', (t) => {
  const { node, links, tells, waits } = nodeWith(1)
  const [link = 0] = links
  tells(link, 3)
  node.receive(link, events(DEAD, 2, [2]))
  waits(WANT_PAUSE_MS / 2)
  tells(link)
  waits(WANT_PAUSE_MS / 2)
  t.deepEqual(asked(node, links), [1, 1])
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, links), [1, 2])
})

test('relays - they are asked again once the owner has taken back what another had forged', (t) => {
  const { lab, node, links, tells, waits } = nodeWith(2)
  const [liar = 0, honest = 0] = links
  tells(liar, 100)
  node.receive(liar, events(DEAD, 2, ['forged', 'forged', 'forged']))
  waits(WANT_PAUSE_MS)
  const owner = lab.intrude(node, DEAD, true)
  node.receive(owner, frame('FEED', { feed: DEAD, first: 1, next: 4 }))
  node.receive(owner, events(DEAD, 1, [1, 2]))
  lab.cut(owner)
  tells(honest)
  waits(WANT_PAUSE_MS)
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, [honest]), [1, 1])
})

test('relays - one whose link is gone is followed at once by the next that tells', (t) => {
  const { lab, node, links, tells } = nodeWith(2)
  const [first = 0, second = 0] = links
  tells(first)
  lab.cut(first)
  tells(second)
  t.deepEqual(asked(node, [second]), [1, 1])
})

test('relays - one that had nothing is asked again when it tells after a while', (t) => {
  const { node, links, tells, waits } = nodeWith(1)
  const [link = 0] = links
  tells(link)
  waits(HOLE_WAIT_MS - 1)
  tells(link)
  t.deepEqual(asked(node, links), [1, 1])
  waits(1)
  tells(link)
  t.deepEqual(asked(node, links), [1, 2])
})

test('relays - a node that comes back is sent what it lacks once, of however many peers', (t) => {
  const lab = new Lab()
  const late = lab.start()
  const peers = Array.from({ length: 10 }, () => lab.start())
  for (const [at, one] of peers.entries()) {
    for (const other of peers.slice(at + 1)) lab.connect(one, other)
  }
  const owner = lab.start()
  for (const peer of peers) lab.connect(owner, peer)
  const body = 'x'.repeat(30_000)
  for (let n = 0; n < 20; n += 1) {
    owner.publish(`${n}${body}`)
    lab.run()
  }
  lab.kill(owner)
  lab.run(5_000)
  for (const peer of peers) {
    lab.connect(late, peer)
    for (let frames = 0; frames < 3; frames += 1) lab.step(1)
    lab.nowMs += 10
  }
  lab.run(10_000)
  t.is(bodiesOf(late, owner.feed).length, 20)
  t.is(late.sent.get('WANT'), 1)
})
