/**
 * The IP addresses that a node listens on, as LISTEN has them: read, made canonical, and checked
 * for what a system refuses with a misleading error, or accepts without effect.
 */

import { ipVersion, parseIp } from '../mesh/address/ip.ts'
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
  for (const entry of text.split(',').map((part) => part.trim())) {
    const ip = canonicalIp(entry.replace(/^\[(.*)\]$/, '$1'))
    if (ip === undefined) {
      const what = entry === '' ? 'an empty entry' : 'an entry that is not an IP address'
      return { kind: 'rejected', because: `has ${what}` }
    }
    ips.add(ip)
  }
  if (ips.size > LISTEN_IPS_MAX) {
    return { kind: 'rejected', because: `has more than ${LISTEN_IPS_MAX} entries` }
  }
  const value = [...ips]
  const because = groupIn(value) ?? overlapIn(value)
  return because === undefined ? { kind: 'value', value } : { kind: 'rejected', because }
}

/** Whether a connection to `localhost` reaches a node that listens here. */
export function servesLocalhost(ip: string): boolean {
  return ['127.0.0.1', '::1', ...Object.values(EVERY)].includes(ip)
}

/** Whether a connection to a loopback IP reaches a node that listens on these. */
export function servesLoopback(ips: readonly string[]): boolean {
  return ips.some((ip) => servesLocalhost(ip) || isLoopbackHost(ip))
}

/** Wildcards for every address of a family. */
const EVERY = { IPv4: '0.0.0.0', IPv6: '::' } as const

/**
 * One spelling each, for the same address twice would look like a port in use. A zone
 * (`fe80::1%eth0`) stays on link-local addresses, which it distinguishes.
 */
function canonicalIp(text: string): string | undefined {
  const ip = parseIp(text)
  const [, zone] = text.split('%')
  return zone !== undefined && ip?.range() === 'linkLocal' ? `${ip}%${zone}` : ip?.toString()
}

/** Addresses of groups: systems let a server listen there, and no connection ever arrives. */
function groupIn(ips: readonly string[]): string | undefined {
  for (const ip of ips) {
    const range = parseIp(ip)?.range()
    if (range === 'multicast' || range === 'broadcast') {
      return `has the ${range} address ${ip}, where no connection can come in`
    }
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
