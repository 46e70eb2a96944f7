/**
 * Which IP addresses a peer may make us dial. A name from a peer is judged again once it is
 * resolved, and the IP that was judged is the one that is dialed. Sources: the IANA special-purpose
 * registries for IPv4 and IPv6 (RFC 6890), and the metadata addresses of the large clouds.
 */

import ipaddr from 'ipaddr.js'
import { BoundedMap } from '../../structures/bounded-map.ts'
import { SCOPES_MAX } from '../limits.ts'
import { type Address, hostOf } from './address.ts'
import { type Ip, parseIp } from './ip.ts'

/**
 * What may be dialed:
 * - `operator`: anything; the address is from known-peers.json.
 * - `loopback`: this machine only; for learned addresses when we are on loopback ourselves.
 * - `network`: public and private networks, but never this machine, link-local, multicast,
 *   unspecified or metadata addresses; for learned addresses when others can reach us.
 */
export type DialPolicy = 'operator' | 'loopback' | 'network'

type Scope = 'loopback' | 'network' | 'forbidden'

/**
 * The scope of a range of IPs. `ipv4At`: a relay sends it on to the IPv4 address that begins at
 * this group, and must not be made to reach its own machine, so only `network` is kept.
 */
type Rule = Scope | { readonly ipv4At: number }

type Table = readonly (readonly [range: string, rule: Rule])[]

const IPV4: Table = [
  ['127.0.0.0/8', 'loopback'], // RFC 1122 §3.2.1.3.
  ['0.0.0.0/8', 'forbidden'], // "This network" (RFC 791 §3.2); 0.0.0.0 reaches this machine.
  ['169.254.0.0/16', 'forbidden'], // Link-local (RFC 3927); the metadata service of most clouds.
  ['224.0.0.0/4', 'forbidden'], // Multicast (RFC 5771).
  ['240.0.0.0/4', 'forbidden'], // Reserved (RFC 1112 §4), broadcast.
  ['100.100.100.200/32', 'forbidden'], // Alibaba Cloud metadata.
  ['168.63.129.16/32', 'forbidden'], // Azure's host agent.
  ['192.0.0.0/24', 'forbidden'], // IETF protocol assignments (RFC 6890), Oracle's metadata.
]

/** Without ::ffff:0:0/96, which is read as IPv4. */
const IPV6: Table = [
  ['::1/128', 'loopback'], // RFC 4291 §2.5.3.
  ['::/96', { ipv4At: 6 }], // IPv4-compatible (RFC 4291 §2.5.5.1); unspecified among them.
  ['64:ff9b::/96', { ipv4At: 6 }], // NAT64 (RFC 6052 §2.1).
  ['64:ff9b::/32', 'forbidden'], // A local NAT64 prefix (RFC 8215) may hold its IPv4 anywhere.
  ['::/16', 'forbidden'], // Reserved (RFC 4291 §4), IPv4-translated among them (RFC 7915).
  ['2002::/16', { ipv4At: 1 }], // 6to4 (RFC 3056).
  ['2001::/32', 'forbidden'], // Teredo (RFC 4380) hides an IPv4 address.
  ['fe80::/10', 'forbidden'], // Link-local (RFC 4291 §2.5.6).
  ['ff00::/8', 'forbidden'], // Multicast (RFC 4291 §2.7).
  ['fd00:ec2::/32', 'forbidden'], // AWS metadata.
  ['fd20:ce::/32', 'forbidden'], // Google Cloud metadata.
]

/** The policy for addresses learned from peers, by where we can be reached ourselves. */
export function learnedPolicyFor(ownAddress: Address): DialPolicy {
  return isLoopbackHost(hostOf(ownAddress)) ? 'loopback' : 'network'
}

/** Whether a host is this machine: `localhost` (RFC 6761 §6.3) or a loopback IP. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return scopeOfIp(host) === 'loopback'
}

/**
 * Whether an address may be dialed as far as its text tells. A host name under `network` may, and
 * is judged again by {@link admitsIp} once it is resolved; under `loopback` only `localhost` may,
 * so that a peer cannot even make us look up a name.
 */
export function admitsAddress(policy: DialPolicy, address: Address): boolean {
  if (policy === 'operator') return true
  const host = hostOf(address)
  const scope = scopeOfIp(host)
  if (scope !== undefined) return scope === policy
  return policy === 'loopback' ? host === 'localhost' : !isLoopbackHost(host)
}

/**
 * Whether an IP literal (IPv6 without brackets) may be dialed. Text that is no IP literal may not.
 * Never throws.
 */
export function admitsIp(policy: DialPolicy, ip: string): boolean {
  return policy === 'operator' || scopeOfIp(ip) === policy
}

/** Those of the last IPs: a link asks some ten times for the same. Names are told apart quickly. */
const SCOPES = new BoundedMap<string, Scope>(SCOPES_MAX)

/** The scope of an IP literal, or undefined for text that is none. */
function scopeOfIp(text: string): Scope | undefined {
  const known = SCOPES.get(text)
  if (known !== undefined) return known
  const ip = parseIp(text)
  if (ip === undefined) return undefined
  const scope = scopeOf(ip)
  SCOPES.set(text, scope)
  return scope
}

function scopeOf(ip: Ip): Scope {
  const isIn = ([range]: Table[number]): boolean => ip.match(parsedRange(range))
  // The first range that the IP is in counts.
  const [, rule] = (ip instanceof ipaddr.IPv4 ? IPV4 : IPV6).find(isIn) ?? []
  if (typeof rule !== 'object') return rule ?? 'network'
  const start = 2 * rule.ipv4At
  const embedded = new ipaddr.IPv4(ip.toByteArray().slice(start, start + 4))
  return scopeOf(embedded) === 'network' ? 'network' : 'forbidden'
}

/** Each range is parsed when it is first needed, which for IPv6 is never on many nodes. */
const PARSED = new Map<string, [first: Ip, bits: number]>()

function parsedRange(range: string): [first: Ip, bits: number] {
  const known = PARSED.get(range)
  if (known !== undefined) return known
  const [text = '', bits] = range.split('/')
  const first = parseIp(text)
  if (first === undefined) throw new Error(`${range} is no range`)
  const parsed: [Ip, number] = [first, Number(bits)]
  PARSED.set(range, parsed)
  return parsed
}
