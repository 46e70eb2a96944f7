import test from 'ava'
import fc from 'fast-check'
import { hostOf, loopbackSpellings, parseAddress, placeOf } from '../../src/mesh/address/address.ts'
import { ADDRESS_BYTES_MAX } from '../../src/mesh/limits.ts'
import { anyAddress } from '../helpers/arbitraries.ts'
import { address } from '../helpers/core.ts'
import { holds } from '../helpers/property.ts'

const CANONICAL: readonly (readonly [text: string, canonical: string])[] = [
  ['ws://localhost:4001', 'ws://localhost:4001'],
  ['ws://LOCALHOST:4001/', 'ws://localhost:4001'],
  ['WS://localhost:4001', 'ws://localhost:4001'],
  ['ws://localhost.:4001', 'ws://localhost:4001'],
  ['ws://%6cocalhost:4001', 'ws://localhost:4001'],
  ['ws://localhost:04001', 'ws://localhost:4001'],
  ['ws://example.com:80', 'ws://example.com'],
  ['wss://example.com:443/', 'wss://example.com'],
  ['wss://example.com:80', 'wss://example.com:80'],
  ['ws://127.1:4001', 'ws://127.0.0.1:4001'],
  ['ws://0x7f000001:4001', 'ws://127.0.0.1:4001'],
  ['ws://127.0.0.1.:4001', 'ws://127.0.0.1:4001'],
  ['ws://[0:0:0:0:0:0:0:1]:4001', 'ws://[::1]:4001'],
  ['ws://[2001:DB8::A]:4001', 'ws://[2001:db8::a]:4001'],
  ['ws://[::ffff:127.0.0.1]:4001', 'ws://[::ffff:7f00:1]:4001'],
  ['wss://proxy.example/node-1', 'wss://proxy.example/node-1'],
  ['wss://proxy.example/a/../b', 'wss://proxy.example/b'],
]

test('address - every spelling of a place becomes the same text', (t) => {
  for (const [text, canonical] of CANONICAL) {
    t.deepEqual(parseAddress(text), { kind: 'address', address: address(canonical) }, text)
    t.is(address(canonical) as string, canonical)
  }
})

/** As the URL parser alone reads it, without the fast path. */
function canonicalByUrl(text: string): string | undefined {
  try {
    return new URL(text).href.replace(/\/$/, '')
  } catch {
    return undefined
  }
}

test('address - the fast path for plain addresses gives the result of the URL parser', (t) => {
  const label = fc.constantFrom('a', 'localhost', 'b2', '1', '0x7f', '127', 'xn--a', 'xn')
  const port = fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.constantFrom('0443', '80', '443'))
  const text = fc
    .tuple(fc.constantFrom('ws', 'wss'), fc.array(label, { minLength: 1, maxLength: 4 }), port)
    .map(([scheme, labels, number]) => `${scheme}://${labels.join('.')}:${number}`)
  holds(
    t,
    5_000,
    fc.property(text, (one) => {
      const parsed = parseAddress(one)
      return parsed.kind === 'rejected' || parsed.address === canonicalByUrl(one)
    }),
  )
})

test('address - the fast path applies the limit of 256 bytes', (t) => {
  const fits = `ws://${'a'.repeat(ADDRESS_BYTES_MAX - 'ws://:4001'.length)}:4001`
  t.is(parseAddress(fits).kind, 'address')
  t.is(parseAddress(fits.replace('ws:', 'wss:')).kind, 'rejected')
})

const REJECTED: readonly (readonly [input: unknown, problem: RegExp])[] = [
  ['', /characters/],
  [' ws://localhost:4001', /characters/],
  ['ws://local\thost:4001', /characters/],
  ['ws://localhost:4001\n', /characters/],
  ['ws:\\\\localhost:4001', /characters/],
  ['ws://löcalhost:4001', /characters/],
  ['localhost:4001', /not a URL/],
  ['ws:localhost:4001', /not a URL/],
  ['ws:///localhost:4001', /not a URL/],
  ['ws://', /not a URL/],
  ['ws://:4001', /not a URL/],
  ['ws://localhost:65536', /not a URL/],
  ['ws://256.256.256.256', /not a URL/],
  ['ws://[::1', /not a URL/],
  ['ws://[fe80::1%25eth0]:4001', /not a URL/],
  ['http://localhost:4001', /'http:\/\/'/],
  ['file:///etc/passwd', /not a URL/],
  ['ws://user@localhost:4001', /credentials/],
  ['ws://:secret@localhost:4001', /credentials/],
  ['ws://localhost:4001?', /query/],
  ['ws://localhost:4001/?a=b', /query/],
  ['ws://localhost:4001#', /fragment/],
  ['ws://localhost:0', /port 0/],
  ['ws://localhost..:4001', /host name/],
  ['ws://.', /host name/],
  ['ws://"', /host name/],
  ['ws://a!b', /host name/],
  ['ws://a*:4001', /host name/],
  [undefined, /a undefined|undefined/],
  [null, /null/],
  [4001, /number/],
  [['ws://localhost:4001'], /array/],
  [{ toString: () => 'ws://localhost:4001' }, /object/],
]

/**
 * Our nodes and every URL parser write a host name in another script as punycode. One that comes
 * raw is not converted: which characters are one (full-width digits, a small and a capital letter)
 * depends on the Unicode version of a runtime, and two nodes would count one peer under two
 * addresses. An operator's is converted once, in config.
 */
test('address - a host name in another script counts only as punycode', (t) => {
  t.is(parseAddress('ws://müller.example:4001').kind, 'rejected')
  t.is(parseAddress('ws://１２７.0.0.1:4001').kind, 'rejected')
  const punycode = 'ws://xn--mller-kva.example:4001'
  t.is(new URL('ws://müller.example:4001').href, `${punycode}/`)
  t.is(address(punycode) as string, punycode)
})

test('address - what is not an address is rejected with the reason', (t) => {
  for (const [input, problem] of REJECTED) {
    const parsed = parseAddress(input)
    t.is(parsed.kind, 'rejected', String(input))
    if (parsed.kind === 'rejected') t.regex(parsed.problem, problem, String(input))
  }
})

test('address - has at most 256 bytes', (t) => {
  const path = (length: number) => `ws://localhost/${'a'.repeat(length - 'ws://localhost/'.length)}`
  t.is(parseAddress(path(ADDRESS_BYTES_MAX)).kind, 'address')
  t.is(parseAddress(path(ADDRESS_BYTES_MAX + 1)).kind, 'rejected')
})

test('address - has at most 256 bytes when percent-encoding has made it longer', (t) => {
  const encoded = (quotes: number) => `ws://localhost/${'"'.repeat(quotes)}`
  const fitting = Math.floor((ADDRESS_BYTES_MAX - 'ws://localhost/'.length) / '%22'.length)
  t.is(parseAddress(encoded(fitting)).kind, 'address')
  t.is(parseAddress(encoded(fitting + 1)).kind, 'rejected')
})

test('address - parsing never throws', (t) => {
  holds(
    t,
    2_000,
    fc.property(anyAddress, (input) => {
      parseAddress(input)
    }),
  )
})

test('address - the canonical spelling is its own canonical spelling', (t) => {
  let addresses = 0
  holds(
    t,
    2_000,
    fc.property(anyAddress, (input) => {
      const parsed = parseAddress(input)
      if (parsed.kind === 'rejected') return
      addresses += 1
      const again = parseAddress(parsed.address)
      if (again.kind === 'rejected') throw new Error(`${parsed.address} ${again.problem}`)
      if (again.address !== parsed.address) throw new Error(`${parsed.address} ${again.address}`)
    }),
  )
  t.true(addresses > 100, 'the inputs must not all be rubbish')
})

test('address - takes its length and two quotes in JSON', (t) => {
  holds(
    t,
    2_000,
    fc.property(anyAddress, (input) => {
      const parsed = parseAddress(input)
      if (parsed.kind === 'rejected') return true
      return Buffer.byteLength(JSON.stringify(parsed.address)) === parsed.address.length + 2
    }),
  )
})

test('address - the host is a name, an IPv4 literal, or an IPv6 literal without brackets', (t) => {
  t.is(hostOf(address('ws://localhost:4001')), 'localhost')
  t.is(hostOf(address('wss://127.0.0.1/path')), '127.0.0.1')
  t.is(hostOf(address('ws://[::1]:4001')), '::1')
})

test('address - the spellings of loopback are those on which a node on loopback answers', (t) => {
  t.deepEqual(loopbackSpellings(4001) as readonly string[], [
    'ws://localhost:4001',
    'ws://127.0.0.1:4001',
    'ws://[::1]:4001',
    'ws://[::ffff:7f00:1]:4001',
    'ws://0.0.0.0:4001',
    'ws://[::]:4001',
  ])
})

test('address - the place is its scheme, host and port, whatever the path', (t) => {
  t.is(placeOf(address('ws://localhost:4001/a/b')), 'ws://localhost:4001')
  t.is(placeOf(address('ws://localhost:4001')), 'ws://localhost:4001')
  t.is(placeOf(address('wss://proxy.example/a')), 'wss://proxy.example')
  t.is(placeOf(address('ws://[::1]:4001/a')), 'ws://[::1]:4001')
})
