import test from 'ava'
import { decode } from '../../src/wire/codec.ts'
import { NESTING_MAX } from '../../src/wire/nesting.ts'
import {
  answerText,
  cancelText,
  REFUSAL_CHARS_MAX,
  refusalText,
  requestText,
} from '../../src/wire/request-codec.ts'
import { MS_MAX } from '../../src/wire/validators.ts'

const SERIES = 'a'.repeat(32)

const REQUEST = { series: SERIES, n: 1, ageMs: 0, topic: 'a.b', json: [1] }

function kindOf(type: string, data: unknown): string {
  const decoded = decode({ kind: 'text', text: JSON.stringify({ type, data }) }, 0)
  return decoded.kind === 'malformed' ? `${decoded.code}` : decoded.kind
}

function read(text: string): unknown {
  const decoded = decode({ kind: 'text', text }, 0)
  return decoded.kind === 'message' ? decoded.message.data : decoded
}

test('request codec - what is written is read', (t) => {
  const head = { series: SERIES, n: 7, ageMs: 12, topic: 'a."b"' }
  const bytes = { kind: 'bytes', text: '"AQL/"' } as const
  t.deepEqual(read(requestText(head, { kind: 'json', text: '{"b":[null]}' })), {
    ...head,
    body: { kind: 'json', value: { b: [null] } },
  })
  t.deepEqual(read(requestText(head, bytes)), { ...head, body: { kind: 'bytes', base64: 'AQL/' } })
  t.deepEqual(read(answerText(7, bytes)), {
    n: 7,
    answer: { kind: 'answer', body: { kind: 'bytes', base64: 'AQL/' } },
  })
  t.deepEqual(read(refusalText(7, 'NO_RESPONDER', 'no')), {
    n: 7,
    answer: { kind: 'refusal', error: 'NO_RESPONDER', text: 'no' },
  })
  t.deepEqual(read(cancelText(SERIES, 7)), { series: SERIES, n: 7 })
})

test('request codec - what is no request ends the link', (t) => {
  t.is(kindOf('REQUEST', REQUEST), 'message')
  const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
  t.is(kindOf('REQUEST', { ...REQUEST, json: nested(NESTING_MAX) }), 'message')
  for (const change of [
    { series: 'A'.repeat(32) },
    { n: 0 },
    { n: 1.5 },
    { n: 2 ** 53 },
    { ageMs: -1 },
    { ageMs: MS_MAX + 1 },
    { topic: 'a.*' },
    { topic: undefined },
    { json: undefined },
    { base64: 'AQL/' },
    { json: nested(NESTING_MAX + 1) },
  ]) {
    t.is(kindOf('REQUEST', { ...REQUEST, ...change }), '1007', JSON.stringify(change).slice(0, 80))
  }
  t.is(kindOf('REQUEST', { ...REQUEST, json: undefined, base64: '' }), 'message')
  for (const data of [
    null,
    [],
    {},
    { n: 1 },
    { n: 1, error: 'X' },
    { json: 1 },
    { n: 1, json: 1, error: 'X', text: '' },
  ]) {
    t.is(kindOf('RESPONSE', data), '1007', JSON.stringify(data))
  }
  for (const data of [null, { n: 1 }, { series: SERIES }]) t.is(kindOf('CANCEL', data), '1007')
})

test('request codec - an error of a later version is one of the responder, and its text is cut', (t) => {
  const text = 'x'.repeat(REFUSAL_CHARS_MAX + 1)
  const frame = JSON.stringify({ type: 'RESPONSE', data: { n: 1, error: 'LATER', text } })
  t.deepEqual(read(frame), {
    n: 1,
    answer: { kind: 'refusal', error: 'RESPONDER_FAILED', text: text.slice(1) },
  })
  t.deepEqual(read(refusalText(1, 'RESPONDER_FAILED', text)), read(frame))
})
