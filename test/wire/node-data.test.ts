/** What a node tells of itself is a JSON object within its limit, whatever it is made of. */

import test from 'ava'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { decode, encode } from '../../src/wire/codec.ts'
import { encodeNodeData, NODE_DATA_BYTES_MAX, parseNodeData } from '../../src/wire/node-data.ts'

/** An object whose JSON has so many bytes, two for each letter. */
function objectOf(bytes: number): { readonly a: string } {
  const frame = JSON.stringify({ a: '' }).length
  return { a: 'ü'.repeat((bytes - frame) / 2) }
}

function decoded(data: unknown) {
  return decode({ kind: 'text', text: JSON.stringify({ type: 'NODE_DATA', data }) }, 1)
}

test('node data - an object has at most 1,024 bytes as JSON in UTF-8', (t) => {
  t.is(encodeNodeData(objectOf(NODE_DATA_BYTES_MAX)).kind, 'text')
  t.deepEqual(encodeNodeData(objectOf(NODE_DATA_BYTES_MAX + 2)), {
    kind: 'too-large',
    problem: 'has more than 1024 bytes as JSON: 1026',
  })
})

test('node data - what is no JSON object is none, and never throws', (t) => {
  const loop: Record<string, unknown> = {}
  loop['loop'] = loop
  const all = [null, undefined, 1, 'a', true, [], new Date(), 1n, { a: 1n }, loop, () => {}]
  for (const value of all) t.is(encodeNodeData(value).kind, 'no-object')
})

test('node data - each text is parsed to a new object', (t) => {
  for (const text of ['{}', '{"a":[1]}']) {
    t.deepEqual(parseNodeData(text), JSON.parse(text))
    t.not(parseNodeData(text), parseNodeData(text))
  }
})

test('node data - a message is read back as it was, with the keys of every object', (t) => {
  const data = JSON.parse('{"__proto__":{"a":1},"toString":"b","":[null,true,1e300]}')
  const message = { type: 'NODE_DATA', data } as const
  const read = decode({ kind: 'text', text: encode(message) }, 1)
  t.deepEqual(read, { kind: 'message', message })
  t.is(JSON.stringify(read), JSON.stringify({ kind: 'message', message }))
})

test('node data - a message that is larger, or has no object, ends its link', (t) => {
  t.is(decoded(objectOf(NODE_DATA_BYTES_MAX)).kind, 'message')
  t.like(decoded(objectOf(NODE_DATA_BYTES_MAX + 2)), { code: CloseCode.TOO_BIG })
  for (const data of [undefined, null, 1, 'a', ['a']]) {
    t.like(decoded(data), { kind: 'malformed', code: CloseCode.INVALID_PAYLOAD })
  }
})

test('node data - a message that is nested too deeply for the stack is too large', (t) => {
  const depth = 100_000
  const text = `{"type":"NODE_DATA","data":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`
  t.is(decode({ kind: 'text', text }, 1).kind, 'malformed')
})
