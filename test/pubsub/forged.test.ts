/** What a stranger has sent in the name of a node, until a verified link to that opens. */

import test from 'ava'
import { bodiesOf, deliver, events, frame, Lab, publishNow } from './lab.ts'

test('pubsub - what was forged is compared, also when the owner has as many before it is asked', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  for (const n of [1, 2, 3]) publishNow(a, n)
  const stranger = lab.intrude(b, a.feed)
  b.receive(stranger, events(a.feed, 1, ['f', 'f', 'f', 'f', 'f']))
  const link = lab.connect(a, b)
  // It names its end, and then goes on.
  deliver(a, b, link)
  for (const n of [4, 5, 6]) publishNow(a, n)
  lab.run(5_000)
  const real = bodiesOf(b, a.feed).filter((body) => body !== 'f')
  t.deepEqual(real, [6, 'gap 1-6', 1, 2, 3, 4, 5, 6])
})

test('pubsub - what was forged after a gap is compared', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.publish(1)
  a.publish(2)
  publishNow(a, 3)
  const stranger = lab.intrude(b, a.feed)
  b.receive(stranger, events(a.feed, 1, [1]))
  b.receive(stranger, frame('FEED', { feed: a.feed, first: 1, next: 4 }))
  b.receive(stranger, frame('GONE', { feed: a.feed, first: 3, ageMs: 0 }))
  b.receive(stranger, events(a.feed, 3, ['f']))
  lab.connect(a, b)
  lab.run(5_000)
  t.deepEqual(bodiesOf(b, a.feed), [1, 'gap 2-2', 'f', 'gap 3-3', 3])
})

test('pubsub - a feed that a stranger began above its end begins again', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  for (const n of [1, 2, 3]) publishNow(a, n)
  const stranger = lab.intrude(b, a.feed)
  b.receive(stranger, frame('FEED', { feed: a.feed, first: 1, next: 101 }))
  b.receive(stranger, events(a.feed, 100, ['f']))
  lab.connect(a, b)
  lab.run(5_000)
  publishNow(a, 4)
  lab.run(5_000)
  t.deepEqual(bodiesOf(b, a.feed), ['f', 'gap 1-100', 1, 2, 3, 4])
})
