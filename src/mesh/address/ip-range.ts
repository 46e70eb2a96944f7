/**
 * Ranges of IP addresses, such as `192.168.1.0/24`: the entries of HTTP_ALLOW. IPv4 counts as
 * IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), which is how a socket for both families names it.
 */

import ipaddr from 'ipaddr.js'
import { ipVersion, parseIp } from './ip.ts'

/** Entries of HTTP_ALLOW. More is a mistake: a range is one entry. */
export const ALLOW_ENTRIES_MAX = 64

/** All IPs whose first bits, 0 to 128 of them, are the same as those of one. */
export type IpRange = readonly [first: ipaddr.IPv6, bits: number]

/** The outcome of {@link parseIpRanges}. `because` goes on after "which". */
export type ParsedIpRanges =
  | { readonly kind: 'value'; readonly value: readonly IpRange[] }
  | { readonly kind: 'rejected'; readonly because: string }

/**
 * Reads IPs and ranges separated by commas; `*` is every IP. A range must begin at its first
 * address, so that a mistyped length does not allow more than was meant. Never throws.
 */
export function parseIpRanges(text: string): ParsedIpRanges {
  const entries = text.split(',').map((entry) => entry.trim())
  if (entries.length > ALLOW_ENTRIES_MAX) {
    return { kind: 'rejected', because: `has more than ${ALLOW_ENTRIES_MAX} entries` }
  }
  const value: IpRange[] = []
  for (const entry of entries) {
    const range = parseRange(entry === '*' ? '::/0' : entry)
    if (typeof range === 'string') return { kind: 'rejected', because: range }
    value.push(range)
  }
  return { kind: 'value', value }
}

/** Whether an IP is in one of the ranges. Text that is no IP is in none. Never throws. */
export function isInRanges(text: string, ranges: readonly IpRange[]): boolean {
  const ip = parseIpv6(text)
  return ip !== undefined && ranges.some(([first, bits]) => ip.match(first, bits))
}

/** The range, or what is wrong with the text. */
function parseRange(entry: string): IpRange | string {
  if (entry === '') return 'has an empty entry'
  const [text = '', length, ...rest] = entry.split('/')
  const ip = text.includes('%') ? undefined : parseIpv6(text)
  if (ip === undefined || rest.length > 0) {
    return 'has an entry that is neither an IP address nor a range'
  }
  if (length === undefined) return [ip, 128]
  const width = ipVersion(text) === 4 ? 32 : 128
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) {
    return `has ${text}/ with a length that is not from 0 to ${width}`
  }
  const bits = 128 - width + Number(length)
  const first = ipaddr.IPv6.networkAddressFromCIDR(`${ip}/${bits}`)
  return ip.match(first, 128)
    ? [ip, bits]
    : `has ${entry}, which is not the first address of its range`
}

function parseIpv6(text: string): ipaddr.IPv6 | undefined {
  const ip = parseIp(text)
  return ip instanceof ipaddr.IPv4 ? ip.toIPv4MappedAddress() : ip
}
