/** IP literals and their versions. */

import { isIP } from 'node:net'
import test from 'ava'
import fc from 'fast-check'
import { ipVersion, parseIp, urlHost } from '../../src/mesh/address/ip.ts'
import { holds } from '../helpers/property.ts'

const LITERALS = [
  '127.0.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '256.0.0.1',
  '1.2.3',
  '1.2.3.4.5',
  '01.2.3.4',
  '1.2.3.04',
  '1.2.3.4 ',
  '::',
  '::1',
  '1::',
  '::ffff:127.0.0.1',
  '::ffff:127.0.0.256',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  '1::2::3',
  'fe80::1%eth0',
  'fe80::1%',
  '::1]:80',
  '[::1]',
  '::1/64',
  'localhost',
  '',
]

for (const text of LITERALS) {
  test(`ip - '${text}' has the version that Node gives`, (t) => {
    t.is<number, number>(ipVersion(text), isIP(text))
  })
}

const READ: readonly (readonly [text: string, read: string])[] = [
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::FFFF:7f00:1', '127.0.0.1'],
  ['::127.0.0.1', '::7f00:1'],
  ['FE80:0:0:0:0:0:0:1%eth0', 'fe80::1'],
  ['1:0:2:0:0:3:0:0', '1:0:2::3:0:0'],
]

for (const [text, read] of READ) {
  test(`ip - ${text} is read as ${read}`, (t) => {
    t.is(parseIp(text)?.toString(), read)
  })
}

test('ip - an IPv6 address is written as the URL parser writes it', (t) => {
  const isSame = (ip: string): boolean => {
    const { hostname } = new URL(`ws://${urlHost(ip)}`)
    return urlHost(`${parseIp(ip)}`) === hostname || hostname.startsWith('[::ffff:')
  }
  holds(t, 1_000, fc.property(fc.ipV6(), isSame))
})

test('ip - a URL has IPv6 in brackets, and nothing else', (t) => {
  t.is(urlHost('::1'), '[::1]')
  t.is(urlHost('127.0.0.1'), '127.0.0.1')
  t.is(urlHost('localhost'), 'localhost')
})

test('ip - of any text the version is the one that Node gives', (t) => {
  const parts = fc.constantFrom('0', '1', '12', '255', '256', 'ffff', '::', ':', '.', '%', 'g', '[')
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(parts, { maxLength: 20 }).map((all) => all.join('')),
    fc.string(),
  )
  holds(
    t,
    2_000,
    fc.property(text, (one) => ipVersion(one) === isIP(one)),
  )
})
