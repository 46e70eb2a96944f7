/** Which links are asked for a feed whose owner is gone, when some tell of what they have not. */

import test from 'ava'
import { HOLE_WAIT_MS, WANT_PAUSE_MS } from '../../src/pubsub/limits.ts'
import { bodiesOf, events, frame, Lab, type LabNode } from './lab.ts'

const DEAD = '9'.repeat(32)

/** A node with links to so many peers. */
function nodeWith(peers: number) {
  const lab = new Lab()
  const node = lab.start()
  const links = Array.from({ length: peers }, (_, n) =>
    lab.intrude(node, n.toString(16).padStart(32, 'e'), true),
  )
  const tells = (link: number, next: number): void =>
    node.receive(link, frame('FEEDS', { have: { [DEAD]: next } }))
  const waits = (ms: number): void => {
    lab.nowMs += ms
    node.input({ kind: 'deadline' })
  }
  return { lab, node, links, tells, waits }
}

/** The links on which a node has asked for the feed. */
function asked(node: LabNode, links: readonly number[]): readonly number[] {
  const isAsked = (link: number): boolean =>
    node.ways.get(link)?.frames.some((text) => text.includes('"WANT"')) === true
  return links.filter(isAsked)
}

test('relays - of those that tell the same one is asked, as long as something comes', (t) => {
  const { node, links, tells, waits } = nodeWith(3)
  const [first = 0] = links
  for (const link of links) tells(link, 4)
  t.deepEqual(asked(node, links), [first])
  waits(WANT_PAUSE_MS - 1)
  node.receive(first, events(DEAD, 1, [1]))
  waits(1)
  t.deepEqual(asked(node, links), [first])
  node.receive(first, events(DEAD, 2, [2, 3]))
  waits(WANT_PAUSE_MS)
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, links), [first])
  t.deepEqual(bodiesOf(node, DEAD), [1, 2, 3])
})

test('relays - where nothing comes the others are asked, twice as many each time', (t) => {
  const { node, links, tells, waits } = nodeWith(20)
  for (const link of links) tells(link, 4)
  const counts = [asked(node, links).length]
  for (let second = 0; second < 5; second += 1) {
    waits(WANT_PAUSE_MS)
    counts.push(asked(node, links).length)
  }
  t.deepEqual(counts, [1, 3, 7, 15, 20, 20])
  t.is(node.core.deadlineMs(), undefined)
})

test('relays - one that tells without end does not keep us from another that has told once', (t) => {
  const { node, links, tells, waits } = nodeWith(2)
  const [liar = 0, honest = 0] = links
  tells(liar, 4)
  tells(honest, 4)
  for (let ms = 0; ms < WANT_PAUSE_MS; ms += 5) {
    waits(5)
    tells(liar, 4)
  }
  t.deepEqual(asked(node, links), links)
  node.receive(honest, events(DEAD, 1, [1, 2, 3]))
  t.deepEqual(bodiesOf(node, DEAD), [1, 2, 3])
})

test('relays - one that stops in the middle is followed by another', (t) => {
  const { node, links, tells, waits } = nodeWith(2)
  const [first = 0] = links
  for (const link of links) tells(link, 4)
  node.receive(first, events(DEAD, 1, [1]))
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, links), [first])
  waits(WANT_PAUSE_MS)
  t.deepEqual(asked(node, links), links)
})

test('relays - one whose link is gone is followed at once by the next that tells', (t) => {
  const { lab, node, links, tells } = nodeWith(2)
  const [first = 0, second = 0] = links
  tells(first, 4)
  lab.cut(first)
  tells(second, 4)
  t.deepEqual(asked(node, [second]), [second])
})

test('relays - one that had nothing is asked again when it tells after a while', (t) => {
  const { node, links, tells, waits } = nodeWith(1)
  const [link = 0] = links
  tells(link, 4)
  waits(HOLE_WAIT_MS - 1)
  tells(link, 4)
  t.is(node.sent.get('WANT'), 1)
  waits(1)
  tells(link, 4)
  t.is(node.sent.get('WANT'), 2)
})
