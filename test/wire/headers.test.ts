import test from 'ava'
import fc from 'fast-check'
import {
  type Headers,
  headersOf,
  type Identity,
  identityIn,
  isMeshName,
  parseMeshId,
} from '../../src/wire/headers.ts'
import { anyHeaders, validIdentity } from '../helpers/arbitraries.ts'
import { identityAt } from '../helpers/core.ts'
import { holds } from '../helpers/property.ts'

const IDENTITY: Identity = identityAt(4001, { code: 'a'.repeat(64) })

/** As an HTTP stack gives them: names in lower case. */
function received(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

function identityWith(change: Headers): Identity | undefined {
  return identityIn({ ...received(headersOf(IDENTITY)), ...change })
}

test('headers - the names are those of the protocol', (t) => {
  const names = ['Mesh-Version', 'Mesh-Name', 'Mesh-Id', 'Mesh-Address', 'Mesh-Code']
  t.deepEqual(Object.keys(headersOf(IDENTITY)), names)
})

test('headers - an identity that is written is read', (t) => {
  t.deepEqual(identityIn(received(headersOf(IDENTITY))), IDENTITY)
})

test('headers - every identity is read as it was written', (t) => {
  holds(
    t,
    500,
    fc.property(validIdentity, (identity) => {
      return JSON.stringify(identityIn(received(headersOf(identity)))) === JSON.stringify(identity)
    }),
  )
})

test('headers - no headers are of a plain peer', (t) => {
  t.is(identityIn({}), undefined)
  t.is(identityIn({ host: 'localhost', 'sec-websocket-version': '13' }), undefined)
})

test('headers - requests take messages', (t) => {
  const messages = { 'mesh-messages': '1', 'mesh-requests': '1' }
  t.like(identityWith(messages), { messages: true, requests: true })
  for (const change of [{ 'mesh-messages': undefined }, { 'mesh-requests': '2' }]) {
    t.is(identityWith({ ...messages, ...change })?.requests, undefined)
  }
})

test('headers - each is required except the code', (t) => {
  for (const name of ['mesh-version', 'mesh-name', 'mesh-id', 'mesh-address']) {
    t.is(identityWith({ [name]: undefined }), undefined, name)
    t.is(identityWith({ [name]: '' }), undefined, name)
  }
  t.deepEqual(identityWith({ 'mesh-code': undefined }), { ...IDENTITY, code: '' })
})

test('headers - one that is repeated counts as absent', (t) => {
  t.is(identityWith({ 'mesh-id': [IDENTITY.id, IDENTITY.id] }), undefined)
  t.is(identityWith({ 'mesh-address': ['ws://a', 'ws://b'] }), undefined)
  t.is(identityWith({ 'mesh-id': `${IDENTITY.id}, ${IDENTITY.id}` }), undefined)
})

const MALFORMED: readonly (readonly [name: string, value: string])[] = [
  ['mesh-version', '1.0'],
  ['mesh-version', '-1'],
  ['mesh-version', '12345'],
  ['mesh-version', '1\n'],
  ['mesh-name', 'two words'],
  ['mesh-name', 'm\u00fcll'],
  ['mesh-name', 'x'.repeat(65)],
  ['mesh-id', 'a'.repeat(31)],
  ['mesh-id', 'a'.repeat(33)],
  ['mesh-id', 'A'.repeat(32)],
  ['mesh-id', 'g'.repeat(32)],
]

test('headers - a malformed one is of a plain peer', (t) => {
  for (const [name, value] of MALFORMED) t.is(identityWith({ [name]: value }), undefined, value)
})

test('headers - a code that is no digest counts as absent', (t) => {
  for (const code of ['a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'rubbish']) {
    t.is(identityWith({ 'mesh-code': code })?.code, '', code)
  }
})

test('headers - later versions are read', (t) => {
  t.is(identityWith({ 'mesh-version': '2' })?.version, '2')
  t.is(identityWith({ 'mesh-later': 'x' })?.version, IDENTITY.version)
})

test('headers - reading never throws', (t) => {
  holds(
    t,
    1_000,
    fc.property(anyHeaders, (change) => {
      identityWith(change)
      identityIn(change)
    }),
  )
})

test('headers - the name of a mesh has 1 to 64 characters', (t) => {
  t.true(isMeshName('a'))
  t.true(isMeshName('A-Z_a.z-0'))
  t.true(isMeshName('x'.repeat(64)))
  t.false(isMeshName(''))
  t.false(isMeshName('x'.repeat(65)))
  t.false(isMeshName('a\n'))
})

test('headers - a mesh id is 32 lower-case hex digits', (t) => {
  t.is(
    parseMeshId('0123456789abcdef0123456789abcdef') as string,
    '0123456789abcdef0123456789abcdef',
  )
  t.is(parseMeshId(''), undefined)
  t.is(parseMeshId(`${'a'.repeat(32)}\n`), undefined)
})
