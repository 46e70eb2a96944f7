import test from 'ava'
import { weightOf } from '../../src/requests/body-weight.ts'
import {
  ALL_CHARS_MAX,
  CANCELS_MAX,
  CONTAINER_CHARS,
  LINK_WAIT_MS,
  OPEN_BYTES_MAX,
  OPEN_MAX,
  PART_CHARS,
  SERIES_KEPT_MS,
  WINDOW_CHARS,
} from '../../src/requests/limits.ts'
import { Lab, type LabNode } from './lab.ts'

/** Two nodes with a link. */
function pair(): { lab: Lab; a: LabNode; b: LabNode; link: number } {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  return { lab, a, b, link: lab.connect(a, b) }
}

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

// --- Limits --------------------------------------------------------------------------------------

test('limits - 1,000 requests to one peer are open, and one more is not sent', (t) => {
  const { lab, a, b } = pair()
  b.reply = () => undefined
  const ids = Array.from({ length: OPEN_MAX }, (_, n) => a.ask(b.id, n))
  t.is(a.outcomes.size, 0)
  const extra = a.ask(b.id, 'x')
  t.is(a.resultOf(extra), 'full')
  lab.run()
  t.is(b.runs.length, OPEN_MAX)
  b.answer(b.runs[7], '7')
  lab.run()
  t.is(a.resultOf(ids[7] ?? 0), 7)
  a.ask(b.id, 'y')
  lab.run()
  t.is(b.runs.length, OPEN_MAX + 1)
})

test('limits - 4 MiB of requests to one peer are open, and one byte more is not sent', (t) => {
  const { a, b } = pair()
  const bytes = OPEN_BYTES_MAX / 4
  const body = 'x'.repeat(bytes - '"a"'.length)
  for (let n = 0; n < 4; n += 1) a.ask(b.id, body)
  t.is(a.outcomes.size, 0)
  t.is(a.resultOf(a.ask(b.id, '')), 'full')
})

test('limits - who does not follow the protocol has 1,000 carried out at most', (t) => {
  const { b, link } = pair()
  b.reply = () => undefined
  const series = 'c'.repeat(32)
  for (let n = 1; n <= OPEN_MAX + 1; n += 1) {
    b.receive(link, frameOf({ series, n, ageMs: 0, topic: 'a', json: 1 }))
  }
  t.is(b.runs.length, OPEN_MAX)
})

test('limits - 1,000 refusals wait for whoever does not read them, and one more is not kept', (t) => {
  for (const more of [0, 1]) {
    const { b, link } = pair()
    b.reply = () => undefined
    b.isStuck = true
    const series = 'c'.repeat(32)
    const send = (n: number): void =>
      b.receive(link, frameOf({ series, n, ageMs: 0, topic: 'a', json: 1 }))
    // It runs; all numbers below it are refused from now on.
    send(1_000_000_000)
    let n = 0
    const given = (): number => b.ways.get(link)?.frames.length ?? 0
    for (let before = -1; before < given(); ) {
      before = given()
      n += 1
      send(n)
    }
    // One runs, and one waits.
    for (const last = n + OPEN_MAX - 2 + more; n < last; ) {
      n += 1
      send(n)
    }
    t.is(answeredBy(b, link).size, n - more)
  }
})

test('limits - a link has one series', (t) => {
  const { b, link } = pair()
  b.receive(link, frameOf({ series: 'c'.repeat(32), n: 1, ageMs: 0, topic: 'a', json: 1 }))
  b.receive(link, frameOf({ series: 'd'.repeat(32), n: 1, ageMs: 0, topic: 'a', json: 1 }))
  t.is(b.runs.length, 1)
})

test('limits - 4 MiB of one peer are carried out, 64 MiB of all, and more is refused', (t) => {
  const lab = new Lab()
  const b = lab.start()
  b.reply = () => undefined
  const body = 'x'.repeat(250_000)
  const head = frameOf({ series: '0'.repeat(32), n: 1, ageMs: 0, topic: 'a', json: '' }).length
  const each = Math.floor(OPEN_BYTES_MAX / (head + body.length))
  const peers = Math.ceil(ALL_CHARS_MAX / (each * (head + body.length)))
  for (let peer = 0; peer < peers; peer += 1) {
    const a = lab.start()
    const link = lab.connect(a, b)
    const series = peer.toString(16).padStart(32, '7')
    const before = b.runs.length
    for (let n = 1; n <= each + 1; n += 1) {
      b.receive(link, frameOf({ series, n, ageMs: 0, topic: 'a', json: body }))
    }
    if (peer < peers - 1) t.is(b.runs.length, before + each)
    else t.true(b.runs.length < before + each)
    const refused = b.ways.get(link)?.frames.map((text) => JSON.parse(text).data.error) ?? []
    t.deepEqual([...new Set(refused)], ['TOO_MANY_REQUESTS'])
  }
})

test('limits - the parts of a body count, which take more memory than their text', (t) => {
  const countOf = (json: unknown): number => {
    const { b, link } = pair()
    b.reply = () => undefined
    for (let n = 1; n <= OPEN_MAX; n += 1) {
      b.receive(link, frameOf({ series: '0'.repeat(32), n, ageMs: 0, topic: 'a', json }))
    }
    return b.runs.length
  }
  const parts = 10_000
  for (const [part, chars] of [
    [{}, CONTAINER_CHARS + PART_CHARS],
    [0, PART_CHARS],
  ] as const) {
    const json = Array(parts).fill(part)
    const frame = frameOf({ series: '0'.repeat(32), n: 1, ageMs: 0, topic: 'a', json })
    const each = frame.length + CONTAINER_CHARS + parts * chars
    t.is(countOf(json), Math.floor(OPEN_BYTES_MAX / each))
  }
  const text = 'x'.repeat(10_000)
  t.is(weightOf({ kind: 'json', value: text }), 0)
  t.is(weightOf({ kind: 'bytes', base64: text }), 0)
  t.is(weightOf({ kind: 'json', value: { a: [1, null] } }), 2 * CONTAINER_CHARS + 3 * PART_CHARS)
})

test('limits - answers that nobody reads are bounded', (t) => {
  const { b, link } = pair()
  b.isStuck = true
  const text = JSON.stringify('x'.repeat(120_000))
  b.reply = () => ({ kind: 'answer', body: { kind: 'json', text } })
  const series = 'c'.repeat(32)
  for (let n = 1; n <= OPEN_MAX; n += 1) {
    b.receive(link, frameOf({ series, n, ageMs: 0, topic: 'a', json: 1 }))
  }
  const given = b.ways.get(link)?.frames.join('').length ?? 0
  t.true(given < WINDOW_CHARS + 2 * text.length, `${given}`)
  // All get an answer or learn that there is none.
  t.is(answeredBy(b, link).size, OPEN_MAX)
})

/** The numbers of all answers that a node sends once its socket takes them. */
function answeredBy(node: LabNode, link: number): ReadonlySet<number> {
  const all = new Set<number>()
  node.isStuck = false
  while (node.untaken.length > 0) {
    for (const text of node.ways.get(link)?.frames.splice(0) ?? []) all.add(JSON.parse(text).data.n)
    for (const taken of node.untaken.splice(0)) node.input({ kind: 'frame-taken', ...taken })
  }
  return all
}

test('limits - a socket that takes nothing is given a window of requests', (t) => {
  const { a, b, link } = pair()
  a.isStuck = true
  const body = 'x'.repeat(WINDOW_CHARS / 8)
  for (let n = 0; n < 20; n += 1) a.ask(b.id, body)
  t.is(a.ways.get(link)?.frames.length, 8)
})

test('limits - 512 CANCELs wait for a socket that takes nothing, and of one more the oldest goes', (t) => {
  for (const count of [CANCELS_MAX, CANCELS_MAX + 1]) {
    const { lab, a, b, link } = pair()
    b.reply = () => undefined
    a.isStuck = true
    const last = 'x'.repeat(WINDOW_CHARS)
    const ids = Array.from({ length: count }, (_, n) => a.ask(b.id, n < count - 1 ? n : last))
    for (const id of ids) a.input({ kind: 'abandoned', id })
    t.is(a.ways.get(link)?.frames.length, count)
    a.isStuck = false
    lab.run()
    t.is(b.runs.length, count)
    const dropped = b.runs.filter(({ call }) => b.dropped.has(call))
    t.deepEqual(dropped, b.runs.slice(count - CANCELS_MAX))
  }
})

function frameOf(data: unknown): string {
  return JSON.stringify({ type: 'REQUEST', data })
}
