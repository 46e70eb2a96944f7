import test from 'ava'
import fc from 'fast-check'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { type Decoded, decode, encode } from '../../src/wire/codec.ts'
import { anyFrameText } from '../helpers/arbitraries.ts'
import { anyCodePoint, holds } from '../helpers/property.ts'

const ADDRESSES_MAX = 3

function decodeText(text: string): Decoded {
  return decode({ kind: 'text', text }, ADDRESSES_MAX)
}

/** The close code of a frame that is malformed; otherwise what it is. */
function verdict(text: string): CloseCode | string {
  const decoded = decodeText(text)
  return decoded.kind === 'malformed' ? decoded.code : decoded.kind
}

test('codec - a HANDSHAKE is a JSON object of type and data, and nothing else', (t) => {
  const text = encode({ type: 'HANDSHAKE', data: ['ws://localhost:4001', 'ws://localhost:4002'] })
  t.is(text, '{"type":"HANDSHAKE","data":["ws://localhost:4001","ws://localhost:4002"]}')
})

test('codec - no other key of an object reaches the wire', (t) => {
  const message = { type: 'HANDSHAKE', data: [], secret: 'x', toJSON: () => 'y' } as const
  t.is(encode(message), '{"type":"HANDSHAKE","data":[]}')
})

test('codec - a HANDSHAKE is read, with the keys in any order and spaces between', (t) => {
  const handshake = { kind: 'message', message: { type: 'HANDSHAKE', data: ['a', 'b'] } } as const
  t.deepEqual(decodeText('{"type":"HANDSHAKE","data":["a","b"]}'), handshake)
  t.deepEqual(decodeText(' {\n"data" : ["a", "b"],\t"type": "HANDSHAKE"} '), handshake)
  t.deepEqual(decodeText('{"type":"HANDSHAKE","data":["a","b"],"later":1}'), handshake)
})

test('codec - the addresses of a HANDSHAKE are not checked here', (t) => {
  const data = ['', 'rubbish', '\ud800']
  t.deepEqual(decodeText(JSON.stringify({ type: 'HANDSHAKE', data })), {
    kind: 'message',
    message: { type: 'HANDSHAKE', data },
  })
})

test('codec - LINKS_REQUEST and LINKS are decoded as they were encoded', (t) => {
  for (const message of [
    { type: 'LINKS_REQUEST', data: { have: 0 } },
    { type: 'LINKS', data: { revision: 7, runtime: 'Node.js', connected: ['a', 'b', 'c'] } },
    { type: 'LINKS', data: { revision: 7, runtime: 'Node.js', connected: null } },
  ] as const) {
    t.deepEqual(decodeText(encode(message)), { kind: 'message', message })
  }
})

test('codec - an unknown type is returned by its name', (t) => {
  for (const type of ['', 'handshake', 'LATER', '__proto__', 'constructor', 'hasOwnProperty']) {
    t.deepEqual(decodeText(JSON.stringify({ type })), { kind: 'unknown-type', type })
  }
})

const MALFORMED: readonly (readonly [text: string, code: CloseCode])[] = [
  ['', CloseCode.INVALID_PAYLOAD],
  ['{', CloseCode.INVALID_PAYLOAD],
  ['\ufeff{}', CloseCode.INVALID_PAYLOAD],
  ['undefined', CloseCode.INVALID_PAYLOAD],
  ['null', CloseCode.INVALID_PAYLOAD],
  ['true', CloseCode.INVALID_PAYLOAD],
  ['"HANDSHAKE"', CloseCode.INVALID_PAYLOAD],
  ['[]', CloseCode.INVALID_PAYLOAD],
  ['{}', CloseCode.INVALID_PAYLOAD],
  ['{"data":[]}', CloseCode.INVALID_PAYLOAD],
  ['{"type":null,"data":[]}', CloseCode.INVALID_PAYLOAD],
  ['{"type":["HANDSHAKE"],"data":[]}', CloseCode.INVALID_PAYLOAD],
  ['{"__proto__":{"type":"HANDSHAKE","data":[]}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE"}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE","data":null}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE","data":"a"}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE","data":{"0":"a","length":1}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE","data":["a",1]}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE","data":["a",null]}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"HANDSHAKE","data":[["a"]]}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS_REQUEST"}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS_REQUEST","data":[0]}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS_REQUEST","data":{"have":"0"}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS_REQUEST","data":{"have":-1}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS_REQUEST","data":{"have":0.5}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS_REQUEST","data":{"have":1e300}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS","data":null}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS","data":{"revision":1,"connected":[]}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS","data":{"runtime":"","connected":[]}}', CloseCode.INVALID_PAYLOAD],
  ['{"type":"LINKS","data":{"revision":1,"runtime":""}}', CloseCode.INVALID_PAYLOAD],
  [
    '{"type":"LINKS","data":{"revision":1,"runtime":"","connected":[1]}}',
    CloseCode.INVALID_PAYLOAD,
  ],
  [
    '{"type":"LINKS","data":{"revision":1,"runtime":"","connected":["","","",""]}}',
    CloseCode.TOO_BIG,
  ],
]

test('codec - what is not a message is malformed', (t) => {
  for (const [text, code] of MALFORMED) t.is(verdict(text), code, text)
})

test('codec - 100,000 nested brackets are malformed, closed or not', (t) => {
  const open = '['.repeat(100_000)
  const close = ']'.repeat(100_000)
  t.is(verdict(open), CloseCode.INVALID_PAYLOAD)
  t.is(verdict(open + close), CloseCode.INVALID_PAYLOAD)
  t.is(verdict(`{"type":"HANDSHAKE","data":[${open}${close}]}`), CloseCode.INVALID_PAYLOAD)
  t.is(verdict('{"a":'.repeat(100_000)), CloseCode.INVALID_PAYLOAD)
})

test('codec - a binary frame is malformed, whatever its size', (t) => {
  for (const bytes of [0, 1, 2 ** 40]) {
    const decoded = decode({ kind: 'binary', bytes }, ADDRESSES_MAX)
    t.is(decoded.kind === 'malformed' && decoded.code, CloseCode.UNSUPPORTED_DATA)
  }
})

test('codec - a HANDSHAKE of as many addresses as are allowed is read, one more is too big', (t) => {
  const handshake = (count: number) => encode({ type: 'HANDSHAKE', data: Array(count).fill('a') })
  t.is(verdict(handshake(0)), 'message')
  t.is(verdict(handshake(ADDRESSES_MAX)), 'message')
  t.is(verdict(handshake(ADDRESSES_MAX + 1)), CloseCode.TOO_BIG)
})

test('codec - a HANDSHAKE that is both too big and malformed is too big: its items are not checked', (t) => {
  t.is(verdict('{"type":"HANDSHAKE","data":[1,2,3,4]}'), CloseCode.TOO_BIG)
})

test('codec - decoding never throws, and classifies every frame', (t) => {
  holds(
    t,
    2_000,
    fc.property(anyFrameText, (frame) => {
      return ['message', 'unknown-type', 'malformed'].includes(decodeText(frame).kind)
    }),
  )
})

test('codec - a message that is encoded is decoded to the same message', (t) => {
  const data = fc.array(fc.string({ unit: anyCodePoint }), { maxLength: ADDRESSES_MAX })
  holds(
    t,
    1_000,
    fc.property(data, (addresses) => {
      const decoded = decodeText(encode({ type: 'HANDSHAKE', data: addresses }))
      if (decoded.kind !== 'message' || decoded.message.type !== 'HANDSHAKE') return false
      return decoded.message.data.join('\0') === addresses.join('\0')
    }),
  )
})
