/** The proof of a secret: the examples of docs/PROTOCOL.md, and whatever must not pass. */

import { createHmac, hkdfSync, scryptSync } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { AUTH_BYTES_MAX, decodeAuth, encodeAuth } from '../../src/auth/auth-frame.ts'
import { Key, Keyring } from '../../src/auth/key.ts'
import { AcceptorProof, DialerProof, type ProofContext } from '../../src/auth/proof.ts'
import { SECRETS_MAX } from '../../src/config/setting-values.ts'
import { headersOf, type Identity, parseMeshId } from '../../src/wire/headers.ts'
import { blocksIn, read, section } from '../docs/markdown.ts'

const SECRET = 'a secret of more than 32 characters, the first'
const OTHER = 'a secret of more than 32 characters, another one'
const DIALED = 'ws://localhost:4002'

function identityOf(digit: string, other: Partial<Identity> = {}): Identity {
  const id = parseMeshId(digit.repeat(32))
  if (id === undefined) throw new Error('32 hex digits are an id')
  const address = `ws://localhost:400${digit}`
  return { version: '1', mesh: 'default', id, address, code: '', messages: true, ...other }
}

const DIALER = identityOf('1')
const ACCEPTOR = identityOf('2')

/** Keyrings are slow to make of secrets that somebody made up. */
const RING = new Keyring([SECRET])
const OTHER_RING = new Keyring([OTHER])

interface Ends {
  readonly dialer?: Partial<ProofContext>
  readonly acceptor?: Partial<ProofContext>
  readonly certificates?: readonly [atDialer: string, atAcceptor: string]
}

/** Both ends of a link until the dialer has sent AUTH. */
function linkOf({ dialer, acceptor, certificates: [seen, own] = ['plain', 'plain'] }: Ends = {}) {
  const dialing = new DialerProof({ keyring: RING, identity: DIALER, ...dialer }, DIALED)
  const context = { keyring: RING, identity: ACCEPTOR, ...acceptor }
  const accepting = AcceptorProof.begin(context, dialing.offer, own)
  if (accepting === undefined) throw new Error('an offer of ours is understood')
  return { dialing, accepting, sent: dialing.answered(accepting.offer, seen) ?? '' }
}

// --- The examples of the page --------------------------------------------------------------------

const PAGE = 'docs/PROTOCOL.md'

test('key - a token of any key is right, the first one is given, and no proof is a token', (t) => {
  const [first, second] = ['1'.repeat(32), '2'.repeat(32)]
  const keyring = new Keyring([first, second])
  t.is(keyring.token, new Keyring([first]).token)
  t.regex(keyring.token, /^[\w-]{43}$/)
  t.true(keyring.isToken(keyring.token))
  t.true(keyring.isToken(new Keyring([second]).token))
  t.false(keyring.isToken(new Keyring(['3'.repeat(32)]).token))
  for (const wrong of [
    '',
    'x',
    keyring.token.slice(1),
    `${keyring.token}AA`,
    keyring.first.mac(''),
  ]) {
    t.false(keyring.isToken(wrong), wrong)
  }
})

test('auth - the keys of the protocol page are those of the code, and of its text', (t) => {
  const [text = ''] = blocksIn(read(PAGE), 'json keys')
  const keys: Readonly<Record<string, string>> = JSON.parse(text)
  t.is(Object.keys(keys).length, 2)
  for (const [secret, hex] of Object.entries(keys)) {
    const derived = secret.startsWith('fm1_')
      ? Buffer.from(hkdfSync('sha256', secret, 'fullmesh 1', 'auth', 32))
      : scryptSync(secret, 'fullmesh 1', 32, { N: 16_384, r: 8, p: 1 })
    t.is(derived.toString('hex'), hex)
    const mac = createHmac('sha256', derived).update('text').digest('base64url')
    t.is(new Key(secret).mac('text'), mac)
  }
})

test('auth - the AUTH of the protocol page is what the code sends, and of its text', (t) => {
  const [dialerText = '', acceptorText = ''] = blocksIn(read(PAGE), 'json auth')
  const [keysText = ''] = blocksIn(read(PAGE), 'json keys')
  const [transcript = ''] = blocksIn(section(PAGE, '10. A secret'), 'text')
  const [secret = '', hex = ''] = Object.entries<string>(JSON.parse(keysText))[0] ?? []
  const nonceOf = (side: string) => new RegExp(`^${side}-nonce (.*)$`, 'm').exec(transcript)?.[1]
  const code = 'c'.repeat(64)
  const context = { keyring: new Keyring([secret]) }
  const { dialing, accepting, sent } = linkOf({
    dialer: {
      ...context,
      identity: { ...DIALER, code },
      drawNonce: () => nonceOf('dialer') ?? '',
    },
    acceptor: {
      ...context,
      identity: { ...ACCEPTOR, code },
      drawNonce: () => nonceOf('acceptor') ?? '',
    },
  })
  t.is(sent, dialerText.trim())
  const answer = accepting.verify(sent)?.answer ?? ''
  t.is(answer, acceptorText.trim())
  t.deepEqual(dialing.verify(answer)?.identity, { ...ACCEPTOR, code })

  // By the words of the page, without the code.
  const key = Buffer.from(hex, 'hex')
  const macOf = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  const lines = transcript.trim()
  t.is(macOf(lines), JSON.parse(answer).data.mac)
  const ofDialer = lines
    .replace('role acceptor', 'role dialer')
    .replace(/\ndialer-mac [\s\S]*$/, '')
  t.is(macOf(ofDialer), JSON.parse(sent).data.mac)
})

// --- What passes ---------------------------------------------------------------------------------

test('auth - two ends with one secret learn who the other one is', (t) => {
  const { dialing, accepting, sent } = linkOf()
  const proven = accepting.verify(sent)
  t.deepEqual(proven?.identity, DIALER)
  t.deepEqual(dialing.verify(proven?.answer ?? '')?.identity, ACCEPTOR)
})

test('auth - the first secret proves, and each of five verifies', (t) => {
  const secrets = Array.from({ length: 5 }, (_, index) => `${SECRET}${index}`)
  const all = new Keyring(secrets)
  for (const secret of secrets) {
    const ring = new Keyring([secret, OTHER])
    const { dialing, accepting, sent } = linkOf({
      dialer: { keyring: ring },
      acceptor: { keyring: all },
    })
    const proven = accepting.verify(sent)
    t.is(proven?.key, all.keys[secrets.indexOf(secret)])
    t.is(dialing.verify(proven?.answer ?? '')?.key, ring.first)
  }
  const old = linkOf({
    dialer: { keyring: new Keyring([OTHER, SECRET]) },
    acceptor: { keyring: RING },
  })
  t.is(old.accepting.verify(old.sent), undefined)
})

test('auth - a secret that stays keeps its key, and has a fingerprint that tells nothing', (t) => {
  const ring = new Keyring([SECRET])
  const { first } = ring
  ring.replace([OTHER, SECRET])
  t.is(ring.keys[1], first)
  t.not(ring.first, first)
  t.regex(first.fingerprint, /^[0-9a-f]{8}$/)
  t.not(ring.first.fingerprint, first.fingerprint)
  t.throws(() => new Keyring([]))
})

test('auth - a probe proves the secret, and is no peer', (t) => {
  const { dialing, accepting, sent } = linkOf({ dialer: { identity: undefined } })
  t.false(sent.includes('Mesh-Id'))
  const proven = accepting.verify(sent)
  t.true(proven !== undefined && proven.identity === undefined)
  t.deepEqual(dialing.verify(proven?.answer ?? '')?.identity, ACCEPTOR)
})

test('auth - nonces are drawn anew for each link', (t) => {
  const [one, other] = [linkOf(), linkOf()]
  t.not(one.dialing.offer, other.dialing.offer)
  t.not(one.accepting.offer, other.accepting.offer)
  t.regex(one.dialing.offer, /^1 [\w-]{43}$/)
})

// --- What does not -------------------------------------------------------------------------------

/** The text of AUTH with each single thing changed, by what it is. */
function tampered(text: string): readonly (readonly [what: string, text: string])[] {
  const { type, data } = JSON.parse(text)
  const { identity, ...rest } = data
  const with_ = (change: object) => JSON.stringify({ type, data: { ...data, ...change } })
  const names = Object.keys(identity)
  return [
    ...Object.keys(rest).map((key) => [key, with_({ [key]: changed(rest[key]) })] as const),
    ...names.map((name) => {
      return [name, with_({ identity: { ...identity, [name]: changed(identity[name]) } })] as const
    }),
    ...names.map((name) => {
      const { [name]: _, ...less } = identity
      return [`no ${name}`, with_({ identity: less })] as const
    }),
    ['no identity', with_({ identity: {} })],
    ['one more claim', with_({ identity: { ...identity, 'Mesh-More': '1' } })],
    ['a line in a claim', with_({ identity: { ...identity, 'Mesh-Code': 'a\nb' } })],
    ['another type', JSON.stringify({ type: 'HANDSHAKE', data })],
    ['a MAC that is cut', with_({ mac: data.mac.slice(0, -1) })],
    ['a MAC with more', with_({ mac: `${data.mac} ` })],
    ['no MAC', with_({ mac: '' })],
  ]
}

/** Another value of the same form. That of a MAC may be another text of the same bytes. */
function changed(value: string): string {
  const last = value.at(-1)
  return `${value.slice(0, -1)}${last === '2' ? '3' : '2'}`
}

test('auth - a MAC has one text, though four texts decode to its bytes', (t) => {
  const key = new Key(SECRET)
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const mac = key.mac('text')
  const bytes = Buffer.from(mac, 'base64url')
  const texts = [...digits].map((digit) => mac.slice(0, -1) + digit)
  t.is(texts.filter((text) => Buffer.from(text, 'base64url').equals(bytes)).length, 4)
  t.deepEqual(
    texts.filter((text) => key.verifies('text', text)),
    [mac],
  )
})

test('auth - a changed AUTH of the dialer proves nothing, whatever was changed', (t) => {
  const { accepting, sent } = linkOf()
  for (const [what, text] of tampered(sent)) t.is(accepting.verify(text), undefined, what)
  t.truthy(accepting.verify(sent))
})

test('auth - a changed AUTH of the acceptor proves nothing, whatever was changed', (t) => {
  const { dialing, accepting, sent } = linkOf()
  const answer = accepting.verify(sent)?.answer ?? ''
  for (const [what, text] of tampered(answer)) t.is(dialing.verify(text), undefined, what)
  t.truthy(dialing.verify(answer))
})

test('auth - a proof fits no other nonce, role, certificate, secret or address', (t) => {
  const { dialing, accepting, sent } = linkOf()
  const answer = accepting.verify(sent)?.answer ?? ''
  t.is(linkOf().accepting.verify(sent), undefined, 'a replay to the acceptor')
  t.is(linkOf().dialing.verify(answer), undefined, 'a replay to the dialer')
  t.is(dialing.verify(sent), undefined, 'its own proof, reflected')
  t.is(accepting.verify(answer), undefined, 'its own answer, reflected')

  // Whoever is in between passes the nonces of both ends on, over TLS of its own.
  const between = linkOf({ certificates: ['of whoever is in between', 'of the acceptor'] })
  t.is(between.accepting.verify(between.sent), undefined, 'another certificate')

  const stranger = linkOf({ dialer: { keyring: OTHER_RING } })
  t.is(stranger.accepting.verify(stranger.sent), undefined, 'another secret')
  const impostor = linkOf({ acceptor: { keyring: OTHER_RING } })
  t.is(impostor.accepting.verify(impostor.sent), undefined)

  // A node that is dialed passes the proof on to a third one, whose nonce it sent as its own.
  const third = AcceptorProof.begin({ keyring: RING, identity: identityOf('3') }, dialing.offer)
  t.is(third?.verify(sent), undefined, 'a third node')
})

test('auth - an acceptor that answers with a key of the dialer that it did not use fails', (t) => {
  const both = new Keyring([SECRET, OTHER])
  const { dialing, accepting, sent } = linkOf({ dialer: { keyring: both } })
  t.truthy(accepting.verify(sent))
  const other = linkOf({ acceptor: { keyring: OTHER_RING } })
  t.is(dialing.verify(other.accepting.verify(other.sent)?.answer ?? sent), undefined)
})

test('auth - without an offer there is nothing to prove', (t) => {
  const context = { keyring: RING, identity: ACCEPTOR }
  const nonce = 'n'.repeat(43)
  t.truthy(AcceptorProof.begin(context, `1 ${nonce}`))
  for (const offer of [undefined, '', '1', nonce, `2 ${nonce}`, `1 ${nonce}n`, [`1 ${nonce}`]]) {
    t.is(AcceptorProof.begin(context, offer), undefined)
    const dialing = new DialerProof(context, DIALED)
    t.is(dialing.answered(offer), undefined)
    t.is(dialing.verify(linkOf().sent), undefined)
  }
})

test('auth - any text proves nothing, and throws nothing', (t) => {
  const { dialing, accepting } = linkOf()
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ type: fc.constant('AUTH'), data: fc.anything() }).map((one) => {
      return JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
    }),
  )
  fc.assert(
    fc.property(texts, (text) => !accepting.verify(text) && !dialing.verify(text)),
    { numRuns: 2_000 },
  )
  t.pass()
})

// --- Sizes ---------------------------------------------------------------------------------------

test('auth - the largest AUTH fits, and one byte more is not read', (t) => {
  const address = 'ws://localhost:4001'.padEnd(256, '/a')
  const most = { version: '9999', mesh: 'm'.repeat(64), address, code: 'c'.repeat(64) }
  const claims = headersOf({ ...DIALER, ...most })
  const text = encodeAuth({ dialed: address, claims, mac: 'm'.repeat(43) })
  t.true(text.length <= AUTH_BYTES_MAX, `${text.length}`)
  const room = AUTH_BYTES_MAX - text.length
  const long = (more: number) => text.replace(address, `${address}${'a'.repeat(more)}`)
  t.truthy(decodeAuth(long(room)))
  t.is(decodeAuth(long(room + 1)), undefined)
})

test('auth - a MAC takes all keys of a full ring, and little time', (t) => {
  const ring = new Keyring(
    Array.from({ length: SECRETS_MAX }, (_, at) => `fm1_${`${at}`.repeat(43)}`),
  )
  t.is(ring.find('text', ring.first.mac('other')), undefined)
  t.is(ring.find('text', ring.first.mac('text')), ring.first)
  const last = ring.keys.at(-1)
  t.is(ring.find('text', last?.mac('text') ?? ''), last)
})
