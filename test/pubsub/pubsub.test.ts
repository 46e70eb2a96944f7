/** What one node publishes reaches all: once, in order, also after an absence. */

import test from 'ava'
import { bodiesOf, Lab } from './lab.ts'

test('pubsub - a message reaches every node, the sender, too', (t) => {
  const lab = new Lab()
  const [a, b, c] = [lab.start(), lab.start(), lab.start()]
  lab.connect(a, b)
  lab.connect(a, c)
  lab.connect(b, c)
  a.publish('one')
  a.publish('two')
  lab.run()
  for (const node of [a, b, c]) t.deepEqual(bodiesOf(node, a.feed), ['one', 'two'])
  t.deepEqual(
    b.got.map((delivery) => delivery.kind === 'message' && delivery.seq),
    [1, 2],
  )
})

test('pubsub - messages of one turn are one frame for each link', (t) => {
  const lab = new Lab()
  const [a, b, c] = [lab.start(), lab.start(), lab.start()]
  lab.connect(a, b)
  lab.connect(a, c)
  for (let n = 0; n < 100; n += 1) a.publish(n)
  lab.run()
  t.is(a.sent.get('EVENTS'), 2)
  t.is(bodiesOf(c, a.feed).length, 100)
})

test('pubsub - who comes late gets what was published since it started, and nothing older', (t) => {
  const lab = new Lab()
  const a = lab.start()
  a.publish('old')
  lab.run(10_000)
  const b = lab.start()
  a.publish('new')
  lab.run(3_000)
  lab.connect(a, b)
  lab.run()
  t.deepEqual(bodiesOf(b, a.feed), ['new'])
})

test('pubsub - a link that is cut and made anew loses and repeats nothing', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  let link = lab.connect(a, b)
  for (let n = 1; n <= 200; n += 1) {
    a.publish(n)
    lab.step(n % 3)
    if (n % 7 !== 0) continue
    lab.cut(link)
    a.publish(`cut ${n}`)
    link = lab.connect(a, b)
  }
  lab.run(5_000)
  t.deepEqual(bodiesOf(b, a.feed), bodiesOf(a, a.feed))
})

test('pubsub - what fell out of the log is a gap at its place', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start({ logBytes: 40_000 }), lab.start()]
  const link = lab.connect(a, b)
  a.publish('first')
  lab.run()
  lab.cut(link)
  for (let n = 0; n < 20; n += 1) {
    a.publish(String(n).repeat(1_000))
    lab.step()
  }
  lab.connect(a, b)
  lab.run()
  const [first, gap, ...rest] = bodiesOf(b, a.feed)
  t.is(first, 'first')
  t.is(gap, `gap 2-${21 - rest.length}`)
  t.true(rest.length > 3 && rest.length < 20)
})

test('pubsub - a peer that does not read delays no other, and gets all when it reads', (t) => {
  const lab = new Lab()
  const [a, b, c] = [lab.start(), lab.start(), lab.start()]
  lab.connect(a, b)
  lab.connect(a, c)
  const held = [...a.ways.values()].find(({ to }) => to === b)
  a.isStuck = true
  for (let n = 0; n < 100; n += 1) {
    a.publish('x'.repeat(50_000))
    lab.step()
  }
  t.true(bodiesOf(b, a.feed).length < 10)
  t.is(held?.frames.length, 0)
  a.isStuck = false
  lab.run()
  t.is(bodiesOf(b, a.feed).length, 100)
  t.is(bodiesOf(c, a.feed).length, 100)
})

test('pubsub - what one node has got of a sender that died, all get', (t) => {
  const lab = new Lab()
  const nodes = [lab.start(), lab.start(), lab.start(), lab.start()]
  for (const [at, one] of nodes.entries()) {
    for (const other of nodes.slice(at + 1)) lab.connect(one, other)
  }
  const [a, b, c, d] = nodes
  if (a === undefined || b === undefined || c === undefined || d === undefined) return t.fail()
  a.publish('to all')
  lab.run()
  const toB = lab.linked(a, b)
  for (const link of a.ways.keys()) if (link !== toB) lab.cut(link)
  a.publish('only to b')
  lab.run()
  lab.kill(a)
  lab.run(5_000)
  for (const node of [b, c, d]) t.deepEqual(bodiesOf(node, a.feed), ['to all', 'only to b'])
  t.true(d.got.some((delivery) => delivery.kind === 'message' && delivery.relayed))
  const { delivered, oldestMs } = c.core.totals(lab.nowMs)
  t.deepEqual(delivered, { own: 0, sender: 1, relay: 1 })
  t.true(oldestMs >= 5_000)
})

test('pubsub - a verified link takes back what an impostor had sent', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.publish('real')
  lab.run()
  const impostor = 99
  b.input({ kind: 'link-ready', link: impostor, peer: a.feed, verified: false })
  const forged = JSON.stringify({
    type: 'EVENTS',
    data: { feed: a.feed, from: 1, heldMs: 0, runs: [{ topic: 'a', ageMs: 0, json: ['forged'] }] },
  })
  b.receive(impostor, forged)
  lab.connect(a, b, true)
  lab.run(2_000)
  t.deepEqual(bodiesOf(b, a.feed), ['forged', 'gap 1-1', 'real'])
})

test('pubsub - a link that is verified later keeps what came on it before', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  lab.connect(a, b, false)
  a.publish('before')
  lab.run()
  lab.connect(a, b, true)
  a.publish('after')
  lab.run(2_000)
  t.deepEqual(bodiesOf(b, a.feed), ['before', 'after'])
})

test('pubsub - what comes on one link while another is opened is neither taken back nor repeated', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  lab.connect(a, b)
  a.publish(1)
  lab.run()
  const second = lab.connect(a, b)
  // It names the end of the feed as it is now, and arrives late.
  const late = a.ways.get(second)?.frames.splice(0) ?? []
  t.true(late.some((text) => text.includes('FEED')))
  for (let n = 2; n <= 5; n += 1) a.publish(n)
  lab.run()
  for (const text of late) b.receive(second, text)
  lab.run(2_000)
  a.publish(6)
  lab.run(2_000)
  t.deepEqual(bodiesOf(b, a.feed), [1, 2, 3, 4, 5, 6])
})
