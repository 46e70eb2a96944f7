/** The limits of requests, at each and one above. */

import test from 'ava'
import { weightOf } from '../../src/requests/body-weight.ts'
import {
  ALL_CHARS_MAX,
  CANCELS_MAX,
  CONTAINER_CHARS,
  OPEN_BYTES_MAX,
  OPEN_MAX,
  PART_CHARS,
  WINDOW_CHARS,
} from '../../src/requests/limits.ts'
import { Lab, type LabNode, pair } from './lab.ts'

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
