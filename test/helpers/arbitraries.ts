/**
 * What comes from outside, made up by fast-check: sometimes right, often nearly, sometimes nothing
 * of the kind.
 */

import fc from 'fast-check'
import { type Identity, parseMeshId } from '../../src/wire/headers.ts'
import { address, at, identityAt, meshId, PLAIN } from './core.ts'

// --- Addresses -----------------------------------------------------------------------------------

/** Text that is often nearly an address, so that the parser is not left at its first line. */
const nearlyAddress = fc
  .tuple(
    fc.constantFrom('ws://', 'wss://', 'WS://', 'http://', 'ws:', '//', ''),
    fc.constantFrom('', 'user@', ':@'),
    fc.oneof(
      fc.domain(),
      fc.ipV4Extended(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.constantFrom('localhost', 'LOCALHOST.', '%6c', 'a..', '.', '1.2.3.4.', 'xn--a', '0x7f.1'),
      fc.string(),
    ),
    fc.constantFrom('', ':', ':0', ':80', ':443', ':4001', ':65535', ':65536', ':-1', ':1e3'),
    fc.oneof(fc.constantFrom('', '/', '//', '/.', '/..', '/a/', '/%2e%2e/b'), fc.webPath()),
    fc.constantFrom('', '?', '#', '?a', '#a'),
  )
  .map((parts) => parts.join(''))

/**
 * Addresses about as long as they may be, some of which become longer when they are written
 * properly.
 */
const longAddress = fc
  .tuple(fc.constantFrom('"', '{', '%22', 'a', '/'), fc.nat(250))
  .map(([character, count]) => `ws://localhost/${character.repeat(count)}`)

const anyAddressText = fc.oneof(
  nearlyAddress,
  longAddress,
  fc.webUrl({ validSchemes: ['ws', 'wss'] }),
  fc.string({ unit: 'binary' }),
)

/** What somebody may take for an address. */
export const anyAddress = fc.oneof({ weight: 3, arbitrary: anyAddressText }, fc.anything())

/** Addresses that tests with cores speak of, each often enough to meet again, and others. */
const familiarAddress = fc.oneof(
  fc.integer({ min: 4000, max: 4010 }).map((port) => at(port) as string),
  fc.constantFrom('ws://127.0.0.1:4002', 'ws://LOCALHOST:4001/', 'ws://[::1]:4004', 'rubbish'),
  fc.constantFrom('ws://169.254.169.254', 'ws://10.0.0.1', 'ws://example.com', '', '\ud800'),
  fc.constantFrom('ws://0.0.0.0:4001', 'ws://[::ffff:127.0.0.1]:4002', 'ws://192.168.0.1'),
)

// --- Frames --------------------------------------------------------------------------------------

/** What a survey asks and tells, and nearly that. */
const anySurveyData = fc.record(
  {
    have: fc.oneof(fc.nat(5), fc.jsonValue()),
    revision: fc.oneof(fc.nat(5), fc.jsonValue()),
    runtime: fc.oneof(fc.string(), fc.jsonValue()),
    connected: fc.oneof(fc.array(familiarAddress), fc.constant(null), fc.jsonValue()),
  },
  { requiredKeys: [] },
)

const anySurvey = fc.record({
  type: fc.constantFrom('LINKS_REQUEST', 'LINKS'),
  data: anySurveyData,
})

const keyed = fc.record({
  type: fc.oneof(
    fc.constantFrom('HANDSHAKE', 'LINKS_REQUEST', 'LINKS'),
    fc.string(),
    fc.jsonValue(),
  ),
  data: fc.oneof(fc.array(fc.string()), anySurveyData, fc.jsonValue()),
})

/** The text of a frame: JSON with the right keys, JSON without, and no JSON. */
export const anyFrameText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  keyed.map((value) => JSON.stringify(value)),
)

/** The text of a frame for a core: mostly a HANDSHAKE with addresses that mean something to it. */
const anyTalk = fc.oneof(
  { weight: 5, arbitrary: fc.array(familiarAddress).map(handshake) },
  { weight: 1, arbitrary: fc.array(anyAddressText).map(handshake) },
  { weight: 1, arbitrary: fc.anything().map((data) => handshake(data)) },
  { weight: 1, arbitrary: anySurvey.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: anyFrameText },
)

function handshake(data: unknown): string {
  return JSON.stringify({ type: 'HANDSHAKE', data }, (_, value) => {
    return typeof value === 'bigint' ? String(value) : value
  })
}

// --- Identities ----------------------------------------------------------------------------------

const headerName = fc.constantFrom(
  'mesh-version',
  'mesh-name',
  'mesh-id',
  'mesh-address',
  'mesh-code',
)

const headerValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.string()),
  fc.constant(undefined),
)

/** Headers of ours with any values. */
export const anyHeaders = fc.dictionary(headerName, headerValue)

/** So many hex digits. */
export function hexDigits(count: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...'0123456789abcdef')
  return fc.string({ unit, minLength: count, maxLength: count })
}

/** Everything that headers can tell. */
export const toldIdentity: fc.Arbitrary<Identity> = fc.record({
  version: fc.nat(9_999).map(String),
  mesh: fc.string({ unit: fc.constantFrom(...'azAZ09._-'), minLength: 1, maxLength: 64 }),
  id: hexDigits(32).map((id) => parseMeshId(id) ?? meshId(0)),
  address: fc.string({ minLength: 1 }),
  code: fc.oneof(fc.constant(''), hexDigits(64)),
})

/**
 * Peers of the node on port 4001: nodes, impostors, and plain peers.
 */
const anyIdentity = fc.oneof(
  fc.constantFrom(
    PLAIN,
    identityAt(4000),
    identityAt(4001),
    identityAt(4002),
    identityAt(4003),
    identityAt(4004),
    identityAt(4002, { id: meshId(4003) }),
    identityAt(4003, { id: meshId(9_999) }),
    identityAt(4001, { id: meshId(9_999) }),
    identityAt(4004, { id: meshId(4000) }),
    identityAt(4005, { mesh: 'other' }),
    identityAt(4006, { address: 'rubbish' }),
    identityAt(4007, { address: 'ws://169.254.169.254' }),
  ),
  fc
    .tuple(fc.nat(9), fc.oneof(familiarAddress, anyAddressText))
    .map(([port, claimed]) => identityAt(4000 + port, { address: claimed })),
)

// --- Facts ---------------------------------------------------------------------------------------

/**
 * Links and dials are picked by number from those that exist; a number that names none picks a link
 * that never was.
 */
const pick = fc.nat(20)

/** Plain objects, which are printed as one would write them. */
function toldFact<Model>(model: { [Key in keyof Model]: fc.Arbitrary<Model[Key]> }) {
  return fc.record<Model>(model, { noNullPrototype: true })
}

const anyFact = fc.oneof(
  toldFact({ kind: fc.constant('accept' as const), identity: anyIdentity }),
  toldFact({ kind: fc.constant('reach' as const), pick, identity: anyIdentity }),
  toldFact({ kind: fc.constant('fail' as const), pick }),
  toldFact({ kind: fc.constant('hear' as const), pick, text: anyTalk }),
  toldFact({ kind: fc.constant('binary' as const), pick }),
  toldFact({ kind: fc.constant('life' as const), pick }),
  toldFact({ kind: fc.constant('look' as const) }),
  toldFact({ kind: fc.constant('unreadable' as const), pick }),
  toldFact({ kind: fc.constant('stuck' as const), pick }),
  toldFact({ kind: fc.constant('lose' as const), pick, code: fc.nat(5_000) }),
  toldFact({
    kind: fc.constant('wait' as const),
    ms: fc.oneof(fc.nat(3_000), fc.nat(100_000)),
    peersAnswer: fc.boolean(),
  }),
  // Time passes and nobody comes to say so: the process was stopped, or the machine slept.
  toldFact({ kind: fc.constant('freeze' as const), ms: fc.nat(2 ** 31) }),
  toldFact({ kind: fc.constant('deadline' as const) }),
)

/** One fact, told of links and dials by number. */
export type Fact = typeof anyFact extends fc.Arbitrary<infer Value> ? Value : never

/** As many facts as there may be, more often than a few: most faults need a history. */
export function anyFacts(maxLength: number): fc.Arbitrary<readonly Fact[]> {
  return fc.array(anyFact, { maxLength, size: 'max' })
}

/** Random numbers as `Math.random` draws them. */
export const anyDraw = fc.double({ min: 0, max: 0.999, noNaN: true })

/** Addresses of the operator for a node that {@link anyFacts} happen to. */
export const KNOWN_PEERS = [
  at(4002),
  address('ws://127.0.0.1:4003'),
  address('ws://192.168.0.1'),
] as const
