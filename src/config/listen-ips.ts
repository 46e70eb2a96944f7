/**
 * The IP addresses that a node listens on, as LISTEN has them: read, made canonical, and checked
 * for what a system would refuse with an error that blames somebody else, or take in silence.
 */

import { ipVersion, parseIpv4, parseIpv6 } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** Room for several interfaces; more is a mistake. */
export const LISTEN_IPS_MAX = 16

/** The outcome of {@link parseListenIps}. `because` goes on after "which". */
export type ParsedListenIps =
  | { readonly kind: 'value'; readonly value: readonly string[] }
  | { readonly kind: 'rejected'; readonly because: string }

/** Reads IP literals separated by commas, IPv6 with or without brackets. Never throws. */
export function parseListenIps(text: string): ParsedListenIps {
  const ips = new Set<string>()
  for (const entry of text.split(',')) {
    const ip = entry.trim().replace(/^\[(.*)\]$/, '$1')
    if (ipVersion(ip) === 0) {
      const what = entry.trim() === '' ? 'an empty entry' : 'an entry that is no IP address'
      return { kind: 'rejected', because: `has ${what}` }
    }
    ips.add(canonicalIp(ip))
  }
  if (ips.size > LISTEN_IPS_MAX) {
    return { kind: 'rejected', because: `has more than ${LISTEN_IPS_MAX} entries` }
  }
  const value = [...ips]
  const because = groupIn(value) ?? overlapIn(value)
  return because === undefined ? { kind: 'value', value } : { kind: 'rejected', because }
}

/** Whether who dials `localhost` reaches a node that listens here. */
export function servesLocalhost(ip: string): boolean {
  return ['127.0.0.1', '::1', ...Object.values(EVERY)].includes(ip)
}

/** Whether dialing a loopback IP on the port reaches whoever listens on these. */
export function servesLoopback(ips: readonly string[]): boolean {
  return ips.some((ip) => servesLocalhost(ip) || isLoopbackHost(ip))
}

/** What stands for every address of a family. */
const EVERY = { IPv4: '0.0.0.0', IPv6: '::' } as const

/**
 * One spelling each, for the same address twice would look like a port in use. A zone
 * (`fe80::1%eth0`) stays where it tells addresses apart, on link-local ones.
 */
function canonicalIp(ip: string): string {
  if (ipVersion(ip) === 4) return ip
  const [bare = '', zone] = ip.split('%')
  const groups = parseIpv6(bare) ?? []
  // IPv4 in the spelling of IPv6 (RFC 4291 §2.5.5.2).
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  }
  const canonical = new URL(`ws://[${bare}]`).hostname.slice(1, -1)
  const isLinkLocal = ((groups[0] ?? 0) & 0xffc0) === 0xfe80
  return zone !== undefined && isLinkLocal ? `${canonical}%${zone}` : canonical
}

/** Addresses of many machines: systems let a server listen there, and no connection ever comes. */
function groupIn(ips: readonly string[]): string | undefined {
  for (const ip of ips) {
    const first = ipVersion(ip) === 4 ? parseIpv4(ip)?.[0] : (parseIpv6(ip)?.[0] ?? 0) >> 8
    const [low, high] = ipVersion(ip) === 4 ? [224, 239] : [0xff, 0xff]
    if (first !== undefined && first >= low && first <= high) {
      return `has the multicast address ${ip}, where nobody can connect`
    }
    if (ip === '255.255.255.255') return `has the broadcast address ${ip}, where nobody can connect`
  }
  return undefined
}

/** `0.0.0.0` and `::` go together: the server keeps IPv6 to itself then. */
function overlapIn(ips: readonly string[]): string | undefined {
  for (const [family, every] of Object.entries(EVERY)) {
    if (!ips.includes(every)) continue
    const other = ips.find((ip) => ip !== every && ipVersion(ip) === ipVersion(every))
    if (other !== undefined) return `has ${other} beside ${every}, which covers all of ${family}`
  }
  return undefined
}
