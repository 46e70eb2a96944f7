import test from 'ava'
import { LINK_WAIT_MS, SERIES_KEPT_MS, WINDOW_CHARS } from '../../src/requests/limits.ts'
import { Lab, pair } from './lab.ts'

test('requests - an answer comes to whoever asked', (t) => {
  const { lab, a, b } = pair()
  const c = lab.start()
  lab.connect(b, c)
  const ids = [a.ask(b.id, { n: 1 }), a.ask(b.id, 2), c.ask(b.id, 3), b.ask(a.id, 4)]
  lab.run()
  t.deepEqual([a.resultOf(ids[0] ?? 0), a.resultOf(ids[1] ?? 0)], [{ n: 1 }, 2])
  t.is(c.resultOf(ids[2] ?? 0), 3)
  t.is(b.resultOf(ids[3] ?? 0), 4)
  t.is(b.runs.length, 3)
})

test('requests - one that runs does not delay the next', (t) => {
  const { lab, a, b } = pair()
  b.reply = () => undefined
  const [slow, quick] = [a.ask(b.id, 'slow'), a.ask(b.id, 'quick')]
  lab.run()
  b.answer(b.runs[1], '"done"')
  lab.run()
  t.is(a.resultOf(slow), undefined)
  t.is(a.resultOf(quick), 'done')
})

test('requests - what the responder refuses is told as it is', (t) => {
  const { lab, a, b } = pair()
  b.reply = () => ({ kind: 'refusal', error: 'RESPONDER_FAILED', text: 'no' })
  const id = a.ask(b.id, 1)
  lab.run()
  t.deepEqual(a.outcomes.get(id), { kind: 'refusal', error: 'RESPONDER_FAILED', text: 'no' })
})

test('requests - a timeout ends one, and its handler is told', (t) => {
  const { lab, a, b } = pair()
  b.reply = () => undefined
  const id = a.ask(b.id, 1, { timeoutMs: 500 })
  lab.run(499)
  t.is(a.resultOf(id), undefined)
  lab.run(1)
  t.is(a.resultOf(id), 'timeout')
  lab.run()
  t.deepEqual(
    [...b.dropped],
    b.runs.map(({ call }) => call),
  )
  // What it gives now is for nobody.
  b.answer(b.runs[0], '1')
  lab.run()
  t.is(a.outcomes.size, 1)
})

test('requests - one that is abandoned is cancelled, also one that no link has carried', (t) => {
  const { lab, a, b, link } = pair()
  b.reply = () => undefined
  const id = a.ask(b.id, 1)
  lab.run()
  a.input({ kind: 'abandoned', id })
  lab.run()
  t.is(b.dropped.size, 1)
  lab.cut(link)
  const late = a.ask(b.id, 2)
  a.input({ kind: 'abandoned', id: late })
  lab.connect(a, b)
  lab.run(5_000)
  t.is(b.runs.length, 1)
  t.is(a.outcomes.size, 0)
})

test('requests - a link that is replaced within 2 s costs nothing', (t) => {
  const { lab, a, b, link } = pair()
  b.reply = () => undefined
  const before = a.ask(b.id, 'runs')
  lab.run()
  // On its way when the link breaks.
  const lost = a.ask(b.id, 'lost')
  lab.cut(link)
  b.answer(b.runs[0], '"late"')
  const without = a.ask(b.id, 'without a link')
  lab.run(LINK_WAIT_MS - 1)
  t.is(a.outcomes.size, 0)
  b.reply = () => ({ kind: 'answer', body: { kind: 'json', text: '"once"' } })
  lab.connect(a, b)
  lab.run()
  t.deepEqual(
    [before, lost, without].map((id) => a.resultOf(id)),
    ['late', 'once', 'once'],
  )
  t.is(b.runs.length, 3)
})

test('requests - a link that is not replaced within 2 s ends them', (t) => {
  const { lab, a, b, link } = pair()
  b.reply = () => undefined
  const id = a.ask(b.id, 1)
  lab.run()
  lab.cut(link)
  lab.run(LINK_WAIT_MS - 1)
  t.is(a.resultOf(id), undefined)
  t.is(b.dropped.size, 0)
  lab.run(1)
  t.is(a.resultOf(id), 'gone: lost')
  t.is(b.dropped.size, 1)
})

test('requests - what ends one says whether it was sent', (t) => {
  const outcomesOf = (end: (ends: ReturnType<typeof pair>) => void): readonly unknown[] => {
    const ends = pair()
    const { a, b, lab } = ends
    b.reply = () => undefined
    const ids = [a.ask(b.id, 'sent', { timeoutMs: 500 })]
    lab.run()
    a.isStuck = true
    a.ask(b.id, 'x'.repeat(WINDOW_CHARS), { timeoutMs: 10_000 })
    ids.push(a.ask(b.id, 'not sent', { timeoutMs: 500 }))
    end(ends)
    return ids.map((id) => a.outcomes.get(id))
  }
  const both = (outcome: object): readonly unknown[] => [
    { ...outcome, wasSent: true },
    { ...outcome, wasSent: false },
  ]
  const timeout = outcomesOf(({ lab }) => lab.run(500))
  t.deepEqual(timeout, both({ kind: 'timeout' }))
  const goodbye = outcomesOf(({ lab, link }) => lab.cut(link, true))
  t.deepEqual(goodbye, both({ kind: 'gone', because: 'goodbye' }))
  const stopped = outcomesOf(({ a }) => a.input({ kind: 'stopped' }))
  t.deepEqual(stopped, both({ kind: 'gone', because: 'stopped' }))
})

test('requests - a goodbye ends them at once, and later ones', (t) => {
  const { lab, a, b, link } = pair()
  b.reply = () => undefined
  const id = a.ask(b.id, 1)
  lab.run()
  lab.cut(link, true)
  t.is(a.resultOf(id), 'gone: goodbye')
  t.is(a.resultOf(a.ask(b.id, 2)), 'gone: goodbye')
})

test('requests - a goodbye on a link that is not used ends nothing', (t) => {
  const { lab, a, b } = pair()
  b.reply = () => undefined
  // Somebody in the name of b.
  const other = lab.connect(a, b, false)
  const id = a.ask(b.id, 1)
  lab.run()
  lab.cut(other, true)
  b.answer(b.runs[0], '1')
  lab.run()
  t.is(a.resultOf(id), 1)
})

test('requests - a verified link is used before others', (t) => {
  const lab = new Lab()
  const [a, b, forger] = [lab.start(), lab.start(), lab.start()]
  const forged = 9
  a.ways.set(forged, { to: forger, frames: [] })
  a.input({ kind: 'link-ready', link: forged, peer: b.id, verified: false })
  lab.connect(a, b, false)
  const link = lab.connect(a, b, false)
  a.input({ kind: 'link-verified', link })
  a.ask(b.id, 1)
  t.is(a.ways.get(forged)?.frames.length, 0)
  t.is(a.ways.get(link)?.frames.length, 1)
})

test('requests - an answer that was lost with its link comes over the next one', (t) => {
  const { lab, a, b, link } = pair()
  const id = a.ask(b.id, 1)
  const [frame = ''] = a.ways.get(link)?.frames.splice(0) ?? []
  b.receive(link, frame)
  lab.cut(link)
  lab.connect(a, b)
  lab.run()
  t.is(a.resultOf(id), 1)
  t.is(b.runs.length, 1)
})

test('requests - an answer that is kept no more fails, and does not run again', (t) => {
  const { lab, a, b, link } = pair()
  const id = a.ask(b.id, 1)
  const [frame = ''] = a.ways.get(link)?.frames.splice(0) ?? []
  b.receive(link, frame)
  b.ways.get(link)?.frames.splice(0)
  lab.run(3_000)
  lab.cut(link)
  lab.connect(a, b)
  lab.run()
  t.is(a.resultOf(id), 'PEER_GONE')
  t.is(b.runs.length, 1)
})

test('requests - one that may have run before its series was forgotten does not run', (t) => {
  const { lab, a, b, link } = pair()
  b.reply = () => undefined
  const id = a.ask(b.id, 1, { timeoutMs: 1_000_000 })
  lab.run()
  // Its end is seen late by who asked.
  lab.cutAt(b, link)
  lab.run(SERIES_KEPT_MS + 100)
  lab.cutAt(a, link)
  lab.connect(a, b)
  lab.run()
  t.is(a.resultOf(id), 'PEER_GONE')
  t.is(b.runs.length, 1)
})

test('requests - an address is asked for whoever is there, and waits for it', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  const id = a.ask('ws://b', 1)
  lab.run(LINK_WAIT_MS - 1)
  t.is(a.resultOf(id), undefined)
  lab.addresses.set('ws://b', b.id)
  lab.connect(a, b)
  lab.run()
  t.is(a.resultOf(id), 1)
  const never = a.ask('ws://c', 1)
  lab.run(LINK_WAIT_MS)
  t.is(a.resultOf(never), 'gone: never')
})

test('requests - a peer that takes none has no responder', (t) => {
  const lab = new Lab()
  const a = lab.start()
  const waiting = a.ask('ws://old', 1)
  lab.addresses.set('ws://old', 'takes-none')
  t.is(a.resultOf(a.ask('ws://old', 2)), 'NO_RESPONDER')
  lab.run(LINK_WAIT_MS)
  t.is(a.resultOf(waiting), 'NO_RESPONDER')
})

test('requests - a node that stops ends all, on both sides', (t) => {
  const { a, b, lab, link } = pair()
  b.reply = () => undefined
  const id = a.ask(b.id, 1)
  lab.run()
  a.ask(b.id, 'on its way')
  a.input({ kind: 'stopped' })
  b.input({ kind: 'stopped' })
  lab.run()
  lab.cut(link, true)
  t.is(a.resultOf(id), 'gone: stopped')
  t.is(b.dropped.size, 1)
  t.is(a.resultOf(a.ask(b.id, 2)), 'gone: stopped')
  t.deepEqual([a.core.deadlineMs(), b.core.deadlineMs()], [undefined, undefined])
})
