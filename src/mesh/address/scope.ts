/**
 * Which IP addresses a peer may make us dial. A name that a peer told us is worth nothing before it
 * is resolved, so the shell asks again with the resolved IP, and dials that very IP. Sources: the
 * IANA special-purpose registries for IPv4 and IPv6 (RFC 6890), and the metadata addresses of the
 * large clouds.
 */

import { type Address, hostOf } from './address.ts'
import { type Ipv4, parseIpv4, parseIpv6 } from './ip.ts'

/**
 * What may be dialed:
 * - `operator`: anything; the address is from known-peers.json.
 * - `loopback`: this machine only; for learned addresses when we are on loopback ourselves.
 * - `network`: public and private networks, but never this machine, link-local, multicast,
 *   unspecified or metadata addresses; for learned addresses when others can reach us.
 */
export type DialPolicy = 'operator' | 'loopback' | 'network'

type Scope = 'loopback' | 'network' | 'forbidden'

/** The policy for addresses learned from peers, by where we can be reached ourselves. */
export function learnedPolicyFor(ownAddress: Address): DialPolicy {
  return isLoopbackHost(hostOf(ownAddress)) ? 'loopback' : 'network'
}

/** Whether the name says that it is this machine: `localhost` (RFC 6761 §6.3) or a loopback IP. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return scopeOfIp(host) === 'loopback'
}

/**
 * Whether a learned address may be dialed as far as its text tells. A host name under `network`
 * may, and is judged again by {@link admitsIp} once it is resolved; under `loopback` only
 * `localhost` may, so that a peer cannot even make us ask for a name.
 */
export function admitsAddress(policy: DialPolicy, address: Address): boolean {
  if (policy === 'operator') return true
  const host = hostOf(address)
  if (scopeOfIp(host) !== undefined) return admitsIp(policy, host)
  if (policy === 'loopback') return host === 'localhost'
  return !isLoopbackHost(host)
}

/**
 * Whether an IP literal (IPv6 without brackets) may be dialed. Text that is no IP literal may not.
 * Never throws.
 */
export function admitsIp(policy: DialPolicy, ip: string): boolean {
  if (policy === 'operator') return true
  return scopeOfIp(ip) === policy
}

/** The scope of an IP literal, or undefined for text that is none. */
function scopeOfIp(ip: string): Scope | undefined {
  if (ip.includes(':')) {
    const groups = parseIpv6(ip)
    return groups && scopeOfIpv6(groups)
  }
  // Names are asked about far more often.
  if (!/^\d/.test(ip)) return undefined
  const octets = parseIpv4(ip)
  return octets && scopeOfIpv4(octets)
}

function scopeOfIpv4([a, b, c, d]: Ipv4): Scope {
  if (a === 127) return 'loopback'
  if (a === 0) return 'forbidden' // "This network" (RFC 791 §3.2); 0.0.0.0 reaches this machine.
  // Link-local (RFC 3927), and the metadata service of most clouds.
  if (a === 169 && b === 254) return 'forbidden'
  if (a >= 224) return 'forbidden' // Multicast (RFC 5771), reserved (RFC 1112 §4), broadcast.
  // Alibaba Cloud metadata.
  if (a === 100 && b === 100 && c === 100 && d === 200) return 'forbidden'
  if (a === 168 && b === 63 && c === 129 && d === 16) return 'forbidden' // Azure's host agent.
  // IETF protocol assignments (RFC 6890), Oracle's metadata.
  if (a === 192 && b === 0 && c === 0) return 'forbidden'
  return 'network'
}

function scopeOfIpv6(groups: readonly number[]): Scope {
  const [first = 0, second = 0] = groups
  const leadingZeros = groups.findIndex((group) => group !== 0)
  if (leadingZeros === -1) return 'forbidden' // Unspecified (RFC 4291 §2.5.2).
  if (leadingZeros === 7 && groups[7] === 1) return 'loopback'
  // IPv4 in IPv6; what counts is the IPv4. Mapped (RFC 4291 §2.5.5.2) is the same host in another
  // spelling; compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056) go through somebody else, who must
  // not be made to reach this machine.
  if (leadingZeros === 5 && groups[5] === 0xffff) return scopeOfIpv4(ipv4From(groups[6], groups[7]))
  if (leadingZeros >= 6) return scopeBehindRelay(groups[6], groups[7])
  if (isUnder(groups, NAT64_PREFIX)) return scopeBehindRelay(groups[6], groups[7])
  // A local NAT64 prefix (RFC 8215) may hold its IPv4 anywhere.
  if (first === 0x64 && second === 0xff9b) return 'forbidden'
  // Reserved (RFC 4291 §4), IPv4-translated among them (RFC 7915).
  if (first === 0) return 'forbidden'
  if (first === 0x2002) return scopeBehindRelay(groups[1], groups[2])
  // Teredo (RFC 4380) hides an IPv4 address.
  if (first === 0x2001 && second === 0) return 'forbidden'
  if ((first & 0xffc0) === 0xfe80) return 'forbidden' // Link-local (RFC 4291 §2.5.6).
  if ((first & 0xff00) === 0xff00) return 'forbidden' // Multicast (RFC 4291 §2.7).
  if (first === 0xfd00 && second === 0x0ec2) return 'forbidden' // AWS metadata.
  if (first === 0xfd20 && second === 0x00ce) return 'forbidden' // Google Cloud metadata.
  return 'network'
}

/** 64:ff9b::/96, the well-known prefix (RFC 6052 §2.1). */
const NAT64_PREFIX = [0x64, 0xff9b, 0, 0, 0, 0]

function isUnder(groups: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((group, index) => groups[index] === group)
}

function scopeBehindRelay(high = 0, low = 0): Scope {
  return scopeOfIpv4(ipv4From(high, low)) === 'network' ? 'network' : 'forbidden'
}

function ipv4From(high = 0, low = 0): Ipv4 {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff]
}
