/** What a node does for its peers: which answers it keeps, and which requests it remembers. */

import test from 'ava'
import {
  ALL_CHARS_MAX,
  ANSWER_KEPT_MS,
  KEPT_CHARS,
  OPEN_BYTES_MAX,
  SERIES_KEPT_MAX,
} from '../../src/requests/limits.ts'
import { answerText } from '../../src/wire/request-codec.ts'
import { Lab, type LabNode } from './lab.ts'

/** A node that is asked over a link, frame by frame. */
function asked(lab = new Lab(), b = lab.start()) {
  const link = lab.connect(lab.start(), b)
  const series = link.toString(16).padStart(32, '0')
  /** What it sends at once: the error of each frame, or its length. */
  const send = (n: number, ageMs = 0): readonly unknown[] => {
    const before = b.ways.get(link)?.frames.length ?? 0
    b.receive(link, requestOf({ series, n, ageMs, topic: 'a', json: 1 }))
    const frames = b.ways.get(link)?.frames.slice(before) ?? []
    return frames.map((text) => JSON.parse(text).data.error ?? text.length)
  }
  return { lab, b, link, series, send }
}

function requestOf(data: unknown): string {
  return JSON.stringify({ type: 'REQUEST', data })
}

/** Answers with frames of so many characters. */
function answerWith(node: LabNode, chars: (n: number) => number): void {
  node.reply = ({ call }) => {
    const head = answerText(call.n, { kind: 'json', text: '""' }).length
    const text = JSON.stringify('x'.repeat(chars(call.n) - head))
    return { kind: 'answer', body: { kind: 'json', text } }
  }
}

test('answers - a node that stops keeps none, and needs no timer', (t) => {
  const { b, lab, send } = asked()
  send(1)
  lab.run()
  t.not(b.core.deadlineMs(), undefined)
  b.input({ kind: 'stopped' })
  t.is(b.core.deadlineMs(), undefined)
})

test('answers - one is kept for ANSWER_KEPT_MS after it was sent', (t) => {
  const [within, late] = [asked(), asked()]
  answerWith(within.b, () => 100)
  for (const { lab, send } of [within, late]) {
    send(1)
    lab.run()
  }
  within.lab.run(ANSWER_KEPT_MS - 1)
  t.deepEqual(within.send(1), [100])
  late.lab.run(ANSWER_KEPT_MS)
  t.deepEqual(late.send(1), ['PEER_GONE'])
})

test('answers - who asks for one again and again does not keep the others', (t) => {
  const { lab, send } = asked()
  send(1)
  send(2)
  for (let waitedMs = 0; waitedMs < ANSWER_KEPT_MS; waitedMs += ANSWER_KEPT_MS / 2) {
    t.not(send(1)[0], 'PEER_GONE')
    lab.run(ANSWER_KEPT_MS / 2)
  }
  t.not(send(1)[0], 'PEER_GONE')
  t.deepEqual(send(2), ['PEER_GONE'])
})

test('answers - 4 MiB of one peer are kept, each with KEPT_CHARS, and one more character is not', (t) => {
  const each = OPEN_BYTES_MAX / 32
  for (const more of [0, 1]) {
    const { b, lab, send } = asked()
    answerWith(b, (n) => each - KEPT_CHARS + (n === 32 ? more : 0))
    for (let n = 1; n <= 32; n += 1) {
      send(n)
      lab.run()
    }
    t.deepEqual(send(1), more === 0 ? [each - KEPT_CHARS] : ['PEER_GONE'])
    t.deepEqual(send(2), [each - KEPT_CHARS])
  }
})

test('answers - those that were sent to other peers give way when there are 64 MiB of all', (t) => {
  const { b, lab, send } = asked()
  answerWith(b, () => OPEN_BYTES_MAX / 32 - KEPT_CHARS)
  send(1)
  lab.run()
  const others = Array.from({ length: ALL_CHARS_MAX / OPEN_BYTES_MAX }, () => asked(lab, b))
  for (const [at, other] of others.entries()) {
    const count = at === others.length - 1 ? 31 : 32
    for (let n = 1; n <= count; n += 1) {
      other.send(n)
      lab.run()
    }
  }
  // All that fits is there.
  const last = others.at(-1)
  t.not(send(1)[0], 'PEER_GONE')
  lab.run()
  t.not(others[0]?.send(1)[0], 'PEER_GONE')
  lab.run()
  t.not(last?.send(32)[0], 'TOO_MANY_REQUESTS')
  lab.run()
  // The request that came last made room: the oldest answer is that of the first other peer.
  t.deepEqual(others[0]?.send(2), ['PEER_GONE'])
})

// --- What came before ----------------------------------------------------------------------------

test('series - of SERIES_KEPT_MAX without a link each request runs once, and of one more, too', (t) => {
  for (const more of [0, 1]) {
    const lab = new Lab()
    const b = lab.start()
    b.reply = () => undefined
    const connect = (link: number): void =>
      b.input({ kind: 'link-ready', link, peer: String(link).padStart(32, '0'), verified: true })
    const send = (link: number, series: number, ageMs: number): void =>
      b.receive(link, requestOf({ series: seriesOf(series), n: 1, ageMs, topic: 'a', json: 1 }))
    const count = SERIES_KEPT_MAX + more
    for (let series = 1; series <= count; series += 1) {
      connect(series)
      send(series, series, 0)
      lab.nowMs += 1
      b.input({ kind: 'link-gone', link: series, isGoodbye: false })
    }
    t.is(b.dropped.size, more)
    // The first one comes again, as old as it is.
    const next = count + 1
    connect(next)
    b.ways.set(next, { to: b, frames: [] })
    send(next, 1, count)
    t.is(b.runs.length, count)
    const answers = b.ways.get(next)?.frames.map((text) => JSON.parse(text).data.error)
    t.deepEqual(answers, more === 0 ? [] : ['PEER_GONE'])
    // In a series that is new, what is younger than those that were forgotten runs.
    connect(next + 1)
    send(next + 1, next + 1, count - more - 1)
    t.is(b.runs.length, count + 1)
  }
})

function seriesOf(at: number): string {
  return at.toString(16).padStart(32, '0')
}

test('series - a request that is cancelled without a link ends with the next link', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  const link = lab.connect(a, b)
  b.reply = () => undefined
  const id = a.ask(b.id, 1)
  lab.run()
  lab.cut(link)
  a.input({ kind: 'abandoned', id })
  lab.connect(a, b)
  a.ask(b.id, 2)
  lab.run()
  t.is(b.runs.length, 2)
  t.deepEqual([...b.dropped], [b.runs[0]?.call])
})
