/** What a node asks, and the links of the peer: several at a time, forged ones, and none. */

import test from 'ava'
import { GOODBYES_MAX, OPEN_BYTES_MAX, OPEN_MAX } from '../../src/requests/limits.ts'
import { Lab } from './lab.ts'

test('links - an answer counts on the link that its request went over', (t) => {
  const lab = new Lab()
  const [a, b, forger] = [lab.start(), lab.start(), lab.start()]
  b.reply = () => undefined
  const link = lab.connect(a, b)
  const forged = 9
  a.ways.set(forged, { to: forger, frames: [] })
  a.input({ kind: 'link-ready', link: forged, peer: b.id, verified: false })
  const id = a.ask(b.id, 1)
  lab.run()
  const text = JSON.stringify({ type: 'RESPONSE', data: { n: 1, json: 'forged' } })
  a.receive(forged, text)
  t.is(a.resultOf(id), undefined)
  a.receive(link, text.replace('forged', 'of b'))
  t.is(a.resultOf(id), 'of b')
})

test('links - a goodbye on one of two links ends nothing, also before the first request', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  lab.connect(a, b)
  const other = lab.connect(a, b, false)
  lab.cut(other, true)
  const id = a.ask(b.id, 1)
  lab.run()
  t.is(a.resultOf(id), 1)
})

test('links - a goodbye in the name of a peer counts until that has a link', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  lab.cut(lab.connect(a, b, false), true)
  t.is(a.resultOf(a.ask(b.id, 1)), 'gone: goodbye')
  lab.connect(a, b)
  const id = a.ask(b.id, 2)
  lab.run()
  t.is(a.resultOf(id), 2)
})

test('links - a peer that says goodbye on its links, one after the other, is not waited for', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  b.reply = () => undefined
  const links = [lab.connect(a, b), lab.connect(a, b)]
  const id = a.ask(b.id, 1)
  lab.run()
  for (const link of links) lab.cut(link, true)
  t.is(a.resultOf(id), 'gone: goodbye')
})

test('links - GOODBYES_MAX goodbyes are remembered, and of one more the first is not', (t) => {
  for (const more of [0, 1]) {
    const lab = new Lab()
    const a = lab.start()
    const idOf = (n: number): string => n.toString(16).padStart(32, '0')
    for (let link = 1; link <= GOODBYES_MAX + more; link += 1) {
      a.input({ kind: 'link-ready', link, peer: idOf(link), verified: true })
      a.input({ kind: 'link-gone', link, isGoodbye: true })
    }
    t.is(a.resultOf(a.ask(idOf(1), 1)), more === 0 ? 'gone: goodbye' : undefined)
    t.is(a.resultOf(a.ask(idOf(2), 1)), 'gone: goodbye')
  }
})

test('links - what was asked of an address and of an id counts together', (t) => {
  for (const more of [0, 1]) {
    const lab = new Lab()
    const [a, b] = [lab.start(), lab.start()]
    b.reply = () => undefined
    a.ask(b.id, 0)
    for (let n = 2; n < OPEN_MAX; n += 1) a.ask('ws://b', n)
    const last = a.ask('ws://b', 'last')
    const extra = more === 1 ? a.ask('ws://b', 'extra') : undefined
    lab.addresses.set('ws://b', b.id)
    lab.connect(a, b)
    lab.run()
    t.is(b.runs.length, OPEN_MAX)
    t.is(a.resultOf(last), undefined)
    if (extra !== undefined) t.is(a.resultOf(extra), 'full')
    t.is(a.outcomes.size, more)
  }
})

test('links - so do the bytes of both', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  a.isStuck = true
  const ask = (to: string, bytes: number): number => a.ask(to, 'x'.repeat(bytes - '"a"'.length))
  const ids = [ask(b.id, OPEN_BYTES_MAX / 2), ask('ws://b', OPEN_BYTES_MAX / 2), ask('ws://b', 4)]
  lab.addresses.set('ws://b', b.id)
  lab.connect(a, b)
  t.deepEqual(
    ids.map((id) => a.resultOf(id)),
    [undefined, undefined, 'full'],
  )
})

test('links - a request is as old as it is, also when the machine was suspended meanwhile', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  b.reply = () => undefined
  const ageMs = (link: number): unknown =>
    a.ways.get(link)?.frames.map((text) => JSON.parse(text).data.ageMs)
  const suspend = (totalMs: number): void => a.input({ kind: 'suspended', totalMs })
  const relink = (link: number): number => {
    lab.cut(link)
    return lab.connect(a, b)
  }
  suspend(5_000)
  const first = lab.connect(a, b)
  a.ask(b.id, 1)
  t.deepEqual(ageMs(first), [0])
  lab.run(200)
  suspend(65_000)
  const second = relink(first)
  t.deepEqual(ageMs(second), [60_200])
  // A clock that was set back does not make it younger than the monotonic one says.
  suspend(0)
  t.deepEqual(ageMs(relink(second)), [200])
})
