/**
 * Ranges of IP addresses, such as `192.168.1.0/24`: what HTTP_ALLOW is made of. An IPv4 address
 * counts as the IPv6 address that stands for it (RFC 4291 §2.5.5.2), since a socket for both
 * families names it so.
 */

import { ipVersion, parseIpv4, parseIpv6 } from './ip.ts'

/** Entries of HTTP_ALLOW. More is a mistake: a range is one entry. */
export const ALLOW_ENTRIES_MAX = 64

/** All IPs whose first bits are the same. */
export interface IpRange {
  /** Eight groups of 16 bits. Those beyond `bits` are 0. */
  readonly groups: readonly number[]
  /** How many bits count: 128 for a single IP, 0 for everybody. */
  readonly bits: number
}

/** The outcome of {@link parseIpRanges}. `because` goes on after "which". */
export type ParsedIpRanges =
  | { readonly kind: 'value'; readonly value: readonly IpRange[] }
  | { readonly kind: 'rejected'; readonly because: string }

const EVERYBODY: IpRange = { groups: Array<number>(8).fill(0), bits: 0 }

/**
 * Reads IPs and ranges separated by commas; `*` is everybody. A range has to begin at its first
 * address, so that a slip of the pen opens no door. Never throws.
 */
export function parseIpRanges(text: string): ParsedIpRanges {
  const entries = text.split(',').map((entry) => entry.trim())
  if (entries.length > ALLOW_ENTRIES_MAX) {
    return { kind: 'rejected', because: `has more than ${ALLOW_ENTRIES_MAX} entries` }
  }
  const value: IpRange[] = []
  for (const entry of entries) {
    const range = entry === '*' ? EVERYBODY : parseRange(entry)
    if (typeof range === 'string') return { kind: 'rejected', because: range }
    value.push(range)
  }
  return { kind: 'value', value }
}

/** Whether an IP lies in one of the ranges. Text that is no IP lies in none. Never throws. */
export function isInRanges(ip: string, ranges: readonly IpRange[]): boolean {
  const groups = groupsOf(ip)
  return groups !== undefined && ranges.some((range) => contains(range, groups))
}

/** The range, or what is wrong with the text. */
function parseRange(entry: string): IpRange | string {
  if (entry === '') return 'has an empty entry'
  const [ip = '', length, ...rest] = entry.split('/')
  const groups = ip.includes('%') ? undefined : groupsOf(ip)
  if (groups === undefined || rest.length > 0) {
    return 'has an entry that is neither an IP address nor a range'
  }
  const width = ipVersion(ip) === 4 ? 32 : 128
  if (length === undefined) return { groups, bits: 128 }
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) {
    return `has ${ip}/ with a length that is not from 0 to ${width}`
  }
  const bits = 128 - width + Number(length)
  const isFirst = groups.every((group, index) => (group & ~maskOf(bits, index)) === 0)
  return isFirst ? { groups, bits } : `has ${entry}, which is not the first address of its range`
}

function contains({ groups, bits }: IpRange, ip: readonly number[]): boolean {
  return groups.every((group, index) => ((ip[index] ?? 0) & maskOf(bits, index)) === group)
}

/** Which of the 16 bits of a group are among the first `bits` of all. */
function maskOf(bits: number, index: number): number {
  const counted = Math.min(16, Math.max(0, bits - 16 * index))
  return (0xffff << (16 - counted)) & 0xffff
}

function groupsOf(ip: string): readonly number[] | undefined {
  if (ipVersion(ip) === 0) return undefined
  const octets = parseIpv4(ip)
  if (octets === undefined) return parseIpv6(ip)
  const [a, b, c, d] = octets
  return [0, 0, 0, 0, 0, 0xffff, (a << 8) | b, (c << 8) | d]
}
