/** IP literals as text and as ipaddr.js has them. Their scope: scope.ts. */

import ipaddr from 'ipaddr.js'

/** An IPv4 or IPv6 address. */
export type Ip = ipaddr.IPv4 | ipaddr.IPv6

/** Four numbers without leading zeros, which some take for octal. */
const IPV4 = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){3}$/

/** An IPv6 literal and its zone, such as `fe80::1%eth0`. */
const IPV6 = /^([\da-f:.]+)(?:%[\da-z.:-]+)?$/i

/**
 * Reads an IP literal, IPv6 without brackets and with or without a zone, which is left out.
 * IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address in another spelling, and read as that.
 * Undefined for text that is no literal. Never throws.
 */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) return parseIpv4(text)
  // ipaddr.js takes ::127.0.0.1 for IPv4-mapped. The URL parser, which the dialer uses, does not.
  const url = `ws://[${IPV6.exec(text)?.[1] ?? ''}]`
  if (!URL.canParse(url)) return undefined
  const ip = ipaddr.IPv6.parse(new URL(url).hostname.slice(1, -1))
  return ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip
}

/** Not by ipaddr.js: that also reads 0x7f.1, and needs 15 µs for a name, the most frequent case. */
function parseIpv4(text: string): ipaddr.IPv4 | undefined {
  if (!IPV4.test(text)) return undefined
  const octets = text.split('.').map(Number)
  return octets.every((octet) => octet <= 255) ? new ipaddr.IPv4(octets) : undefined
}

/**
 * The version of an IP literal, as `isIP` of `node:net` gives it; 0 for text that is none. Never
 * throws.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (parseIp(text) === undefined) return 0
  return text.includes(':') ? 6 : 4
}

/** A host as URLs have it: IPv6 in brackets. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/**
 * The host at the other end of a socket, `IP:port`. An IPv6 host can have every address of its /64
 * (RFC 4291 §2.5.1), so those count as one.
 */
export function hostOfRemote(remote: string): string {
  return hostOfIp(remote.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))
}

/** The host of an IP; text that is no IP is its own, and so is loopback. */
export function hostOfIp(ip: string): string {
  const parsed = parseIp(ip)
  if (!(parsed instanceof ipaddr.IPv6) || parsed.range() === 'loopback') return `${parsed ?? ip}`
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0])}/64`
}
