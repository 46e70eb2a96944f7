/** Several links between two nodes, of which one is read before the other: nobody lies. */

import test from 'ava'
import { bodiesOf, deliver, Lab, publishNow } from './lab.ts'

/** The time after which nothing is kept, and more, in ms. */
const EXPIRED_MS = 11 * 60_000

test('pubsub - where a feed ended when a link opened is no proof, after a gap', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.publish('old')
  lab.run(EXPIRED_MS)
  const accepted = lab.connect(a, b, false)
  lab.run(2_000)
  const dialed = lab.connect(a, b)
  b.input({ kind: 'link-verified', link: accepted })
  deliver(b, a, dialed)
  publishNow(a, 'two')
  deliver(a, b, accepted)
  lab.run(5_000)
  t.deepEqual(bodiesOf(b, a.feed), ['gap 1-1', 'two'])
})

test('pubsub - where a feed ended when a link opened is no proof, on the third link', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.publish('one')
  lab.run()
  const first = lab.connect(a, b)
  lab.run(2_000)
  const slow = lab.connect(a, b)
  const fast = lab.connect(a, b)
  deliver(a, b, fast)
  deliver(b, a, fast)
  deliver(a, b, fast)
  lab.cut(first)
  deliver(b, a, slow)
  publishNow(a, 'two')
  deliver(a, b, fast)
  lab.run(5_000)
  t.deepEqual(bodiesOf(b, a.feed), ['one', 'two'])
})

test('pubsub - nothing is sent again when a link is dialed that verifies the one before', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  const accepted = lab.connect(a, b, false)
  for (let n = 0; n < 100; n += 1) {
    a.publish(n)
    lab.run(10)
  }
  const before = a.sent.get('EVENTS')
  lab.connect(b, a)
  b.input({ kind: 'link-verified', link: accepted })
  lab.run(5_000)
  t.is(a.sent.get('EVENTS'), before)
})

test('pubsub - a sender that says nothing is not asked again and again', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.publish(1)
  lab.run(EXPIRED_MS)
  lab.connect(a, b, false)
  lab.run(5_000)
  lab.connect(a, b)
  lab.run(60_000)
  t.true((b.sent.get('WANT') ?? 0) < 5)
})

test('pubsub - a link with a round trip of over a second comes to rest', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.publish('one')
  lab.run()
  const link = lab.connect(a, b)
  lab.run()
  lab.cut(link)
  a.sent.clear()
  lab.connect(a, b)
  for (let n = 0; n < 100; n += 1) {
    const ways = lab.nodes.flatMap((node) => [...node.ways.values()])
    const sent = ways.map(({ frames, link: at, to }) => ({ at, to, texts: frames.splice(0) }))
    lab.nowMs += 600
    for (const { at, texts, to } of sent) for (const text of texts) to.receive(at, text)
    for (const node of lab.nodes) {
      if ((node.core.deadlineMs() ?? Number.POSITIVE_INFINITY) <= lab.nowMs) {
        node.input({ kind: 'deadline' })
      }
    }
  }
  t.is(a.sent.get('FEED'), 1)
})

test('pubsub - what is missing is announced, although another link speaks when it is said', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  publishNow(a, 'old')
  lab.run(EXPIRED_MS)
  publishNow(a, 'two')
  const accepted = lab.connect(a, b, false)
  deliver(a, b, accepted)
  const dialed = lab.connect(a, b)
  deliver(b, a, accepted)
  deliver(a, b, accepted)
  lab.cut(dialed)
  lab.run(5_000)
  t.deepEqual(bodiesOf(b, a.feed), ['gap 1-1', 'two'])
})
