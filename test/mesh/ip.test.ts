/** IP literals: what is one, of which version. */

import { isIP } from 'node:net'
import test from 'ava'
import fc from 'fast-check'
import { ipVersion } from '../../src/mesh/address/ip.ts'
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
  test(`ip - '${text}' has the version that Node says`, (t) => {
    t.is<number, number>(ipVersion(text), isIP(text))
  })
}

test('ip - of any text the version is what Node says', (t) => {
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
