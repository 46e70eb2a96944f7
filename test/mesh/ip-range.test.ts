import test from 'ava'
import { ALLOW_ENTRIES_MAX, isInRanges, parseIpRanges } from '../../src/mesh/address/ip-range.ts'

const CASES: readonly (readonly [allow: string, inside: string, outside: string])[] = [
  ['192.168.1.7', '192.168.1.7 ::ffff:192.168.1.7', '192.168.1.8 ::192.168.1.7 127.0.0.1'],
  ['192.168.1.0/24', '192.168.1.0 192.168.1.255 ::ffff:192.168.1.9', '192.168.0.255 192.168.2.0'],
  ['10.0.0.0/7', '10.0.0.1 11.255.255.255', '9.255.255.255 12.0.0.0 ::1'],
  ['192.168.1.128/25', '192.168.1.128 192.168.1.255', '192.168.1.127'],
  ['0.0.0.0/0', '0.0.0.0 203.0.113.9 ::ffff:203.0.113.9', '::1 2001:db8::1'],
  ['::/0', '::1 2001:db8::1 203.0.113.9', ''],
  ['2001:db8::/32', '2001:db8::1 2001:db8:ffff::', '2001:db9:: 32.1.13.184'],
  ['::ffff:10.0.0.0/104', '10.1.2.3 ::ffff:10.1.2.3', '11.0.0.0'],
  ['fe80::/10', 'fe80::1 febf::1', 'fec0::1'],
  ['127.0.0.1, ::1', '127.0.0.1 ::1', '127.0.0.2'],
  ['*', '127.0.0.1 ::1 203.0.113.9', 'localhost'],
]

for (const [allow, inside, outside] of CASES) {
  test(`ip range - ${allow} holds ${inside} and nothing else`, (t) => {
    const parsed = parseIpRanges(allow)
    if (parsed.kind === 'rejected') return t.fail(parsed.because)
    for (const ip of inside.split(' ')) t.true(isInRanges(ip, parsed.value), ip)
    for (const ip of [...outside.split(' '), '', 'evil']) t.false(isInRanges(ip, parsed.value), ip)
  })
}

const REJECTED: readonly (readonly [text: string, because: RegExp])[] = [
  ['', /empty entry/],
  ['127.0.0.1,', /empty entry/],
  ['localhost', /neither an IP address nor a range/],
  ['192.168.1', /neither/],
  ['010.0.0.1', /neither/],
  ['fe80::1%eth0', /neither/],
  ['10.0.0.0/8/8', /neither/],
  ['**', /neither/],
  ['10.0.0.0/33', /10\.0\.0\.0\/ with a length that is not from 0 to 32/],
  ['::/129', /from 0 to 128/],
  ['10.0.0.0/', /with a length/],
  ['10.0.0.0/-1', /with a length/],
  ['10.0.0.0/8e0', /with a length/],
  ['192.168.1.7/24', /192\.168\.1\.7\/24, which is not the first address/],
  ['2001:db8::1/32', /not the first address/],
]

for (const [text, because] of REJECTED) {
  test(`ip range - '${text}' is rejected`, (t) => {
    const parsed = parseIpRanges(text)
    t.regex(parsed.kind === 'rejected' ? parsed.because : '', because)
  })
}

test('ip range - accepts as many entries as allowed, and rejects one more', (t) => {
  const list = (count: number): string => Array(count).fill('10.0.0.1').join()
  t.is(parseIpRanges(list(ALLOW_ENTRIES_MAX)).kind, 'value')
  t.is(parseIpRanges(list(ALLOW_ENTRIES_MAX + 1)).kind, 'rejected')
})
