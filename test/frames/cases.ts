/**
 * What a node does with each kind of frame: bytes that come in, and what goes out. The cases follow
 * RFC 6455 and, in their order, the Autobahn test suite.
 */

import { FRAGMENTS_MAX } from '../../src/io/limits.ts'
import { FRAME_BYTES_MAX } from '../../src/mesh/limits.ts'
import { type FrameParts, Opcode } from './frame.ts'

/** What is sent: a frame, or bytes as they are; or nothing until this was received. */
export type Step = FrameParts | Uint8Array | { readonly awaits: string }

export interface FrameCase {
  readonly title: string
  readonly steps: readonly Step[]
  /**
   * What is received: `pong TEXT`, the type of a message, `close CODE REASON`; at the end `open`
   * when a ping is answered afterwards, or `ended`.
   */
  readonly expected: readonly string[]
  /** Bytes of each write. Default: all steps are one write. */
  readonly chunkBytes?: number
  /** Whether the sender ends the connection after the steps, instead of the ping. */
  readonly ends?: true
  /** What may or may not be received. */
  readonly optional?: RegExp
  /** Whether the sender takes messages and requests. */
  readonly requests?: true
}

export interface CaseGroup {
  readonly name: string
  readonly cases: readonly FrameCase[]
}

const { CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG } = Opcode

// --- What is received ----------------------------------------------------------------------------

const OPEN = ['open'] as const
const REPLY = ['LINKS', 'open'] as const
const PROTOCOL_ERROR = closed(1002, 'not WebSocket')
const NOT_JSON = closed(1007, 'not JSON')
const NOT_UTF8 = closed(1007, 'not UTF-8')
const TOO_LONG = closed(1009, `message exceeds limit of ${FRAME_BYTES_MAX} bytes`)
const TOO_MANY_FRAGMENTS = closed(1009, `message exceeds limit of ${FRAGMENTS_MAX} fragments`)
const NOT_TEXT = closed(1003, 'binary frame; the mesh speaks JSON text')

function closed(code: number, reason: string): readonly string[] {
  return [`close ${code} ${reason}`.trim(), 'ended']
}

// --- What is sent --------------------------------------------------------------------------------

/** A node replies to it with LINKS, once on each link. */
const REQUEST = '{"type":"LINKS_REQUEST","data":{"have":0}}'

/** A request of so many bytes. */
function requestOf(bytes: number): string {
  return REQUEST.padEnd(bytes)
}

function text(payload: string | Uint8Array, other: Partial<FrameParts> = {}): FrameParts {
  return { opcode: TEXT, payload, ...other }
}

function ping(payload: string | Uint8Array, other: Partial<FrameParts> = {}): FrameParts {
  return { opcode: PING, payload, ...other }
}

/** A close frame (RFC 6455 §5.5.1). */
function close(code: number, reason: string | Uint8Array = ''): FrameParts {
  return { opcode: CLOSE, payload: closePayload(code, reason) }
}

function closePayload(code: number, reason: string | Uint8Array = ''): Uint8Array {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
}

/** One message in several frames. */
function fragments(
  payloads: readonly (string | Uint8Array)[],
  opcode: number = TEXT,
): readonly FrameParts[] {
  return payloads.map((payload, index) => ({
    opcode: index === 0 ? opcode : CONTINUATION,
    fin: index === payloads.length - 1,
    payload,
  }))
}

/** A text of some parts of these lengths, and the rest. */
function cut(whole: string, ...lengths: readonly number[]): readonly string[] {
  const parts: string[] = []
  let at = 0
  for (const length of lengths) {
    parts.push(whole.slice(at, at + length))
    at += length
  }
  return [...parts, whole.slice(at)]
}

/** JSON with these bytes in a text: a message of unknown type, which is ignored. */
function unknownType(hex: string): Buffer {
  return Buffer.concat([Buffer.from('{"type":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')])
}

// --- The table -----------------------------------------------------------------------------------

const LENGTHS = [42, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 65_537, FRAME_BYTES_MAX] as const

const LENGTH_CASES: readonly FrameCase[] = [
  ...LENGTHS.map((bytes) => ({
    title: `text of ${bytes} bytes`,
    steps: [text(requestOf(bytes))],
    expected: REPLY,
  })),
  ...[1, 2, 5, 64].map((chunkBytes) => ({
    title: `text of 130 bytes in writes of ${chunkBytes}`,
    steps: [text(requestOf(130))],
    chunkBytes,
    expected: REPLY,
  })),
  {
    title: `text of ${FRAME_BYTES_MAX} bytes in writes of 997`,
    steps: [text(requestOf(FRAME_BYTES_MAX))],
    chunkBytes: 997,
    expected: REPLY,
  },
  {
    title: 'text of 5 bytes with a length of 2 bytes',
    steps: [text('hello', { lengthBytes: 2 })],
    expected: NOT_JSON,
  },
  {
    title: 'text of 42 bytes with a length of 8 bytes',
    steps: [text(REQUEST, { lengthBytes: 8 })],
    expected: REPLY,
  },
  {
    title: 'text of 200 bytes with a length of 8 bytes',
    steps: [text(requestOf(200), { lengthBytes: 8 })],
    expected: REPLY,
  },
  {
    title: 'ping with a length of 2 bytes',
    steps: [ping('a', { lengthBytes: 2 })],
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'ping with a length of 8 bytes',
    steps: [ping('a', { lengthBytes: 8 })],
    expected: PROTOCOL_ERROR,
  },
  ...[
    BigInt(FRAME_BYTES_MAX) + 1n,
    2n ** 31n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  ].flatMap((length) => [
    {
      title: `text that says ${length} bytes`,
      steps: [text('', { length, lengthBytes: 8 as const })],
      expected: TOO_LONG,
    },
    {
      title: `binary that says ${length} bytes`,
      steps: [{ opcode: BINARY, length, lengthBytes: 8 as const }],
      expected: TOO_LONG,
    },
  ]),
  { title: 'empty text', steps: [text('')], expected: NOT_JSON },
  {
    title: 'two texts in one write',
    steps: [text('{"type":"X"}'), text(REQUEST)],
    expected: REPLY,
  },
]

const BINARIES: readonly FrameCase[] = [
  ...[0, 1, 125, 126, 127, 128, 65_535, 65_536, FRAME_BYTES_MAX].map((bytes) => ({
    title: `binary of ${bytes} bytes`,
    steps: [{ opcode: BINARY, payload: Buffer.alloc(bytes, 0xfe) }],
    expected: NOT_TEXT,
  })),
  {
    title: 'binary that would be a request',
    steps: [{ opcode: BINARY, payload: REQUEST }],
    expected: NOT_TEXT,
  },
  {
    title: 'binary in fragments',
    steps: fragments(['a', 'b', 'c'], BINARY),
    expected: NOT_TEXT,
  },
  {
    title: 'binary in writes of 1',
    steps: [{ opcode: BINARY, payload: 'binary' }],
    chunkBytes: 1,
    expected: NOT_TEXT,
  },
]

const PINGS: readonly FrameCase[] = [
  { title: 'ping without payload', steps: [ping('')], expected: ['pong', 'open'] },
  { title: 'ping', steps: [ping('hello')], expected: ['pong hello', 'open'] },
  {
    title: 'ping of bytes that are not UTF-8',
    steps: [ping(Buffer.from('00fffefdfcfb00ff', 'hex'))],
    expected: [`pong ${Buffer.from('00fffefdfcfb00ff', 'hex').toString('latin1')}`, 'open'],
  },
  {
    title: 'ping of 125 bytes',
    steps: [ping('x'.repeat(125))],
    expected: [`pong ${'x'.repeat(125)}`, 'open'],
  },
  { title: 'ping of 126 bytes', steps: [ping('x'.repeat(126))], expected: PROTOCOL_ERROR },
  { title: 'ping of 65,536 bytes', steps: [ping('x'.repeat(65_536))], expected: PROTOCOL_ERROR },
  {
    title: 'ping of 125 bytes in writes of 1',
    steps: [ping('y'.repeat(125))],
    chunkBytes: 1,
    expected: [`pong ${'y'.repeat(125)}`, 'open'],
  },
  {
    title: 'three pings, each after the answer',
    steps: [
      ping('1'),
      { awaits: 'pong 1' },
      ping('2'),
      { awaits: 'pong 2' },
      ping('3'),
      { awaits: 'pong 3' },
    ],
    expected: ['pong 1', 'pong 2', 'pong 3', 'open'],
  },
  {
    // RFC 6455 §5.5.3: one answer may stand for several pings.
    title: 'ten pings in one write',
    steps: [...[...'0123456789'].map((digit) => ping(digit)), { awaits: 'pong 9' }],
    optional: /^pong [0-8]$/,
    expected: ['pong 9', 'open'],
  },
  {
    title: 'ten pings in writes of 1',
    steps: [...[...'0123456789'].map((digit) => ping(digit)), { awaits: 'pong 9' }],
    chunkBytes: 1,
    optional: /^pong [0-8]$/,
    expected: ['pong 9', 'open'],
  },
  { title: 'pong that nothing asked for', steps: [{ opcode: PONG }], expected: OPEN },
  {
    title: 'pong that nothing asked for, of 125 bytes',
    steps: [{ opcode: PONG, payload: 'x'.repeat(125) }],
    expected: OPEN,
  },
  {
    title: 'pong of 126 bytes',
    steps: [{ opcode: PONG, payload: 'x'.repeat(126) }],
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'pong and ping',
    steps: [{ opcode: PONG, payload: 'a' }, ping('b')],
    expected: ['pong b', 'open'],
  },
]

const OPCODES = Object.entries(Opcode)

const RESERVED_BITS: readonly FrameCase[] = OPCODES.flatMap(([name, opcode]) =>
  [1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
    title: `${name} with RSV ${rsv}`,
    steps: [{ opcode, rsv, payload: opcode === CLOSE ? closePayload(1000) : '' }, ping('after')],
    expected: PROTOCOL_ERROR,
  })),
)

const RESERVED_OPCODES: readonly FrameCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap(
  (opcode) => [
    { title: `opcode ${opcode}`, steps: [{ opcode }], expected: PROTOCOL_ERROR },
    {
      title: `opcode ${opcode} with payload, between messages`,
      steps: [text('{"type":"X"}'), { opcode, payload: REQUEST }, ping('after')],
      expected: PROTOCOL_ERROR,
    },
  ],
)

const FRAGMENTS: readonly FrameCase[] = [
  ...[PING, PONG, CLOSE].map((opcode) => ({
    title: `opcode ${opcode} in two fragments`,
    steps: [
      { opcode, fin: false, payload: closePayload(1000) },
      { opcode: CONTINUATION, payload: 'b' },
    ],
    expected: PROTOCOL_ERROR,
  })),
  { title: 'text in two fragments', steps: fragments(cut(REQUEST, 10)), expected: REPLY },
  {
    title: 'text in two fragments, in writes of 1',
    steps: fragments(cut(REQUEST, 10)),
    chunkBytes: 1,
    expected: REPLY,
  },
  {
    title: 'text of 65,536 bytes in two fragments',
    steps: fragments(cut(requestOf(65_536), 30_000)),
    expected: REPLY,
  },
  { title: 'text in fragments of 1 byte', steps: fragments([...REQUEST]), expected: REPLY },
  {
    title: 'text in empty fragments around one',
    steps: fragments(['', '', REQUEST, '', '']),
    expected: REPLY,
  },
  { title: 'text of empty fragments only', steps: fragments(['', '', '']), expected: NOT_JSON },
  {
    title: 'text in fragments with a ping in between',
    steps: between(ping('in')),
    expected: ['pong in', ...REPLY],
  },
  {
    title: 'text in fragments with a pong in between',
    steps: between({ opcode: PONG, payload: 'in' }),
    expected: REPLY,
  },
  {
    title: 'text in fragments with a ping in between, in writes of 1',
    steps: between(ping('in')),
    chunkBytes: 1,
    expected: ['pong in', ...REPLY],
  },
  {
    title: 'text in fragments with a close in between',
    steps: between(close(1000, 'bye')),
    expected: closed(1000, 'bye'),
  },
  {
    title: 'text in fragments with a text in between',
    steps: between(text('{"type":"X"}')),
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'text in fragments with a binary in between',
    steps: between({ opcode: BINARY, payload: 'x' }),
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'text in fragments with a reserved opcode in between',
    steps: between({ opcode: 3 }),
    expected: PROTOCOL_ERROR,
  },
  ...[true, false].map((fin) => ({
    title: `a first continuation, ${fin ? 'the last' : 'not the last'}`,
    steps: [{ opcode: CONTINUATION, fin, payload: REQUEST }, text('{"type":"X"}')],
    expected: PROTOCOL_ERROR,
  })),
  ...[true, false].map((fin) => ({
    title: `a continuation after a whole message, ${fin ? 'the last' : 'not the last'}`,
    steps: [text('{"type":"X"}'), { opcode: CONTINUATION, fin, payload: 'x' }],
    expected: PROTOCOL_ERROR,
  })),
  {
    title: 'a continuation after the last fragment',
    steps: [...fragments(['{"type":', '"X"}']), { opcode: CONTINUATION, payload: 'x' }],
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'two messages in fragments',
    steps: [...fragments(['{"type":', '"X"}']), ...fragments(cut(REQUEST, 1, 2))],
    expected: REPLY,
  },
  {
    title: 'fragments that are no JSON together',
    steps: fragments(['{"type":"X"}', '{"type":"X"}']),
    expected: NOT_JSON,
  },
  {
    title: `text in ${FRAGMENTS_MAX} fragments`,
    steps: fragments(manyFragments(FRAGMENTS_MAX)),
    expected: REPLY,
  },
  {
    title: `text in ${FRAGMENTS_MAX + 1} fragments`,
    steps: fragments(manyFragments(FRAGMENTS_MAX + 1)),
    expected: TOO_MANY_FRAGMENTS,
  },
  {
    title: `text of ${FRAME_BYTES_MAX} bytes in fragments`,
    steps: fragments(cut(requestOf(FRAME_BYTES_MAX), 1, 100_000)),
    expected: REPLY,
  },
  {
    title: `text of ${FRAME_BYTES_MAX + 1} bytes in fragments`,
    steps: fragments(cut(requestOf(FRAME_BYTES_MAX + 1), 1, 100_000)),
    expected: TOO_LONG,
  },
]

/** A request of two fragments with a frame between them. */
function between(frame: FrameParts): readonly FrameParts[] {
  const [first, last] = fragments(cut(REQUEST, 20))
  return first === undefined || last === undefined ? [] : [first, frame, last]
}

/** A request, and nothing in most of its fragments. */
function manyFragments(count: number): readonly string[] {
  return [REQUEST, ...Array.from({ length: count - 1 }, () => '')]
}

const MASKS: readonly FrameCase[] = [
  ...OPCODES.map(([name, opcode]) => ({
    title: `${name} that is masked wrongly`,
    steps: [
      ...(opcode === CONTINUATION ? [text('', { fin: false })] : []),
      { opcode, payload: closePayload(1000), masked: 'wrongly' as const },
      ping('after'),
    ],
    expected: PROTOCOL_ERROR,
  })),
  {
    title: 'the second of two texts is masked wrongly',
    steps: [text(REQUEST), text('{"type":"X"}', { masked: 'wrongly' })],
    expected: ['LINKS', ...PROTOCOL_ERROR],
  },
  ...[
    [0, 0, 0, 0],
    [0, 0, 0, 1],
    [0xff, 0xff, 0xff, 0xff],
    [0x7b, 0x22, 0x74, 0x79],
  ].map((mask) => ({
    title: `mask ${mask.join(' ')}`,
    steps: [text(REQUEST, { mask })],
    expected: REPLY,
  })),
  {
    title: 'another mask in each fragment',
    steps: fragments(cut(REQUEST, 7, 9)).map((frame, index) => ({
      ...frame,
      mask: [index, 17 * index, 255 - index, 3],
    })),
    expected: REPLY,
  },
]

/** Sequences within a text, in hex. */
const UTF8: Readonly<Record<string, string>> = {
  'two bytes': 'c3a9',
  'three bytes': 'e282ac',
  'four bytes': 'f09f9880',
  'the Greek word kosme': 'cebae1bdb9cf83cebcceb5',
  'U+007F': '7f',
  'U+0080, the first of two bytes': 'c280',
  'U+07FF, the last of two bytes': 'dfbf',
  'U+0800, the first of three bytes': 'e0a080',
  'U+D7FF, before the surrogates': 'ed9fbf',
  'U+E000, after the surrogates': 'ee8080',
  'U+FEFF': 'efbbbf',
  'U+FFFD': 'efbfbd',
  'U+FFFE': 'efbfbe',
  'U+FFFF': 'efbfbf',
  'U+1FFFE': 'f09fbfbe',
  'U+10000, the first of four bytes': 'f0908080',
  'U+10FFFF, the last of all': 'f48fbfbf',
}

const NO_UTF8: Readonly<Record<string, string>> = {
  'U+110000': 'f4908080',
  'U+1FFFFF': 'f7bfbfbf',
  'five bytes': 'f888808080',
  'six bytes': 'fc8480808080',
  'a continuation': '80',
  'the last continuation': 'bf',
  'five continuations': '80bf80bf80',
  'a first of two and a space': 'c020',
  'a first of two, alone': 'c3',
  'two of three': 'e282',
  'one of three': 'e2',
  'three of four': 'f09f98',
  'two of four': 'f09f',
  'one of four': 'f0',
  FE: 'fe',
  FF: 'ff',
  'FE FE FF FF': 'fefeffff',
  'a slash in two bytes': 'c0af',
  'a slash in three bytes': 'e080af',
  'a slash in four bytes': 'f08080af',
  'U+007F in two bytes': 'c1bf',
  'U+07FF in three bytes': 'e09fbf',
  'U+FFFF in four bytes': 'f08fbfbf',
  'U+0000 in two bytes': 'c080',
  'U+D800, a surrogate': 'eda080',
  'U+DBFF, a surrogate': 'edafbf',
  'U+DC00, a surrogate': 'edb080',
  'U+DFFF, a surrogate': 'edbfbf',
  'a pair of surrogates': 'eda080edb080',
  'something after kosme': 'cebae1bdb9cf83cebcceb5eda080656469746564',
}

const TEXT_BYTES: readonly FrameCase[] = [
  ...Object.entries(UTF8).map(([title, hex]) => ({
    title,
    steps: [text(unknownType(hex))],
    expected: OPEN,
  })),
  ...Object.entries(NO_UTF8).map(([title, hex]) => ({
    title,
    steps: [text(unknownType(hex))],
    expected: NOT_UTF8,
  })),
  { title: 'U+0000', steps: [text(unknownType('00'))], expected: NOT_JSON },
  {
    title: 'a byte order mark before JSON',
    steps: [text(`\uFEFF${REQUEST}`)],
    expected: NOT_JSON,
  },
  {
    title: 'a character over two fragments',
    steps: fragments([
      unknownType('f09f9880').subarray(0, 11),
      unknownType('f09f9880').subarray(11),
    ]),
    expected: OPEN,
  },
  {
    title: 'each byte of characters a fragment',
    steps: fragments([...unknownType('cebae1bdb9cf83f09f9880')].map((byte) => Buffer.from([byte]))),
    expected: OPEN,
  },
  {
    title: 'characters in writes of 1',
    steps: [text(unknownType('cebae1bdb9cf83f09f9880'))],
    chunkBytes: 1,
    expected: OPEN,
  },
  {
    title: 'no UTF-8 over two fragments',
    steps: fragments([Buffer.from('f48f', 'hex'), Buffer.from('ffbf', 'hex')]),
    expected: NOT_UTF8,
  },
  {
    title: 'no UTF-8 at the end of the last fragment',
    steps: fragments(['{"type":', Buffer.from('"\xc3"}', 'latin1')]),
    expected: NOT_UTF8,
  },
]

const SENT_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014] as const
const OWN_CODES = [3000, 3999, 4000, 4001, 4009, 4999] as const
const NO_CODES = [
  0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 9999, 65_535,
] as const

const CLOSES: readonly FrameCase[] = [
  { title: 'close without a code', steps: [{ opcode: CLOSE }], expected: ['close', 'ended'] },
  {
    title: 'close of 1 byte',
    steps: [{ opcode: CLOSE, payload: 'x' }],
    expected: PROTOCOL_ERROR,
  },
  ...[...SENT_CODES, ...OWN_CODES].map((code) => ({
    title: `close with ${code}`,
    steps: [close(code)],
    expected: closed(code, ''),
  })),
  ...NO_CODES.map((code) => ({
    title: `close with ${code}`,
    steps: [close(code)],
    expected: PROTOCOL_ERROR,
  })),
  {
    title: 'close with a reason of 123 bytes',
    steps: [close(1000, 'r'.repeat(123))],
    expected: closed(1000, 'r'.repeat(123)),
  },
  {
    title: 'close with a reason of 124 bytes',
    steps: [close(1000, 'r'.repeat(124))],
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'close with a reason that is not UTF-8',
    steps: [close(1000, Buffer.from('cebae1eda080', 'hex'))],
    expected: NOT_UTF8,
  },
  {
    title: 'close in writes of 1',
    steps: [close(1000, 'slowly')],
    chunkBytes: 1,
    expected: closed(1000, 'slowly'),
  },
  {
    title: 'ping after close',
    steps: [close(1000), ping('late')],
    expected: closed(1000, ''),
  },
  {
    title: 'text after close',
    steps: [close(1000), text('hello'), text(REQUEST)],
    expected: closed(1000, ''),
  },
  { title: 'two closes', steps: [close(1000), close(1001)], expected: closed(1000, '') },
  {
    title: 'request before close',
    steps: [text(REQUEST), close(1000)],
    expected: ['LINKS', ...closed(1000, '')],
  },
  {
    title: 'request and close after what is no frame',
    steps: [{ opcode: 3 }, text(REQUEST), close(1000)],
    expected: PROTOCOL_ERROR,
  },
  {
    title: 'request after text that is no message',
    steps: [text('hello'), text(REQUEST)],
    expected: NOT_JSON,
  },
]

const ENDS: readonly FrameCase[] = [
  { title: 'the end of the connection', steps: [], ends: true, expected: ['ended'] },
  {
    title: 'the end of the connection after a request',
    steps: [text(REQUEST), { awaits: 'LINKS' }],
    ends: true,
    expected: ['LINKS', 'ended'],
  },
  {
    title: 'the end of the connection amid a header',
    steps: [Buffer.from([0x81])],
    ends: true,
    expected: ['ended'],
  },
  {
    title: 'the end of the connection amid a text',
    steps: [text('', { length: 100n })],
    ends: true,
    expected: ['ended'],
  },
  {
    title: 'the end of the connection amid fragments',
    steps: [text('', { fin: false })],
    ends: true,
    expected: ['ended'],
  },
  {
    title: 'an HTTP request',
    steps: [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    expected: PROTOCOL_ERROR,
  },
]

/** Of a peer that takes requests. The node has no responder. */
function request(data: Readonly<Record<string, unknown>>, type = 'REQUEST'): FrameParts {
  return text(JSON.stringify({ type, data }))
}

const SERIES = 'a'.repeat(32)
const ASKED = { series: SERIES, n: 1, ageMs: 0, topic: 'a', json: 1 } as const

const REQUESTS: readonly FrameCase[] = [
  { title: 'REQUEST', steps: [request(ASKED)], expected: ['RESPONSE', 'open'] },
  {
    title: 'REQUEST with bytes',
    steps: [request({ ...ASKED, json: undefined, base64: 'AQL/' })],
    expected: ['RESPONSE', 'open'],
  },
  {
    title: 'REQUEST in fragments',
    steps: fragments(cut(JSON.stringify({ type: 'REQUEST', data: ASKED }), 20, 30)),
    expected: ['RESPONSE', 'open'],
  },
  {
    title: 'REQUEST of a second series',
    steps: [request(ASKED), request({ ...ASKED, series: 'b'.repeat(32) })],
    expected: ['RESPONSE', 'open'],
  },
  { title: 'RESPONSE to nothing', steps: [request({ n: 1, json: 1 }, 'RESPONSE')], expected: OPEN },
  { title: 'CANCEL of nothing', steps: [request(ASKED, 'CANCEL')], expected: OPEN },
  ...Object.entries({
    REQUEST: 'REQUEST data has no series, n, ageMs, topic, and json or base64',
    RESPONSE: 'RESPONSE data has no n',
    CANCEL: 'CANCEL data has no series and n',
  }).map(([type, problem]) => ({
    title: `${type} without a number`,
    steps: [request({ ...ASKED, n: undefined }, type)],
    expected: closed(1007, problem),
  })),
].map(({ steps, ...others }) => ({
  ...others,
  // It tells what its peers have published, too.
  optional: /^FEED/,
  requests: true,
  steps: [text('{"type":"HANDSHAKE","data":[]}'), ...steps],
}))

const NO_REQUESTS: readonly FrameCase[] = [
  { title: 'REQUEST of a peer that takes none', steps: [request(ASKED)], expected: OPEN },
]

/** All cases; their titles are unique within a group. */
export const CASE_GROUPS: readonly CaseGroup[] = [
  { name: 'lengths', cases: LENGTH_CASES },
  { name: 'binary', cases: BINARIES },
  { name: 'pings', cases: PINGS },
  { name: 'reserved bits', cases: RESERVED_BITS },
  { name: 'reserved opcodes', cases: RESERVED_OPCODES },
  { name: 'fragments', cases: FRAGMENTS },
  { name: 'masks', cases: MASKS },
  { name: 'UTF-8', cases: TEXT_BYTES },
  { name: 'closes', cases: CLOSES },
  { name: 'ends', cases: ENDS },
  { name: 'requests', cases: [...REQUESTS, ...NO_REQUESTS] },
]
