/** Parses the values of settings, whose text has no spaces around it. Never throws. */

import { quoted } from '../log/printable.ts'
import { type Address, hostOf, type ParsedAddress, parseAddress } from '../mesh/address/address.ts'
import { ipVersion, parseIp, urlHost } from '../mesh/address/ip.ts'
import { isMeshName } from '../wire/headers.ts'
import { encodeNodeData } from '../wire/node-data.ts'
import { type AutoAddress, parseAutoAddress } from './auto-address.ts'

/** A value, or why there is none. `because` goes on after "which": "has a query in it". */
export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'rejected'; readonly because?: string }

/** Room for several interfaces; more is a mistake. */
export const LISTEN_IPS_MAX = 16

/** Room for several proxies; more is a mistake. */
export const HTTP_HOSTS_MAX = 16

/**
 * The shortest secret, in characters. Smaller: whoever a node dials can guess it without being
 * seen. Larger: people shorten what they were given.
 */
export const SECRET_CHARS_MIN = 32

/** Most secrets at once: one that proves, and old and new ones while they change. */
export const SECRETS_MAX = 8

/** Decimal digits only: `Number` would also take '0x10', '4e3' and the empty text. */
export function integerFrom(min: number, max: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? { kind: 'value', value } : { kind: 'rejected' }
  }
}

/** Whether nodes that do not prove the secret are connected as well. */
export type SecretMode = 'require' | 'accept'

export const SECRET_MODES: readonly SecretMode[] = ['require', 'accept']

/** Whether a node with an address of `wss:` encrypts itself, or a proxy in front of it does. */
export type TlsMode = 'auto' | 'off'

export const TLS_MODES: readonly TlsMode[] = ['auto', 'off']

/** Whether the secret proves the certificates of peers, or the authorities of the system do. */
export type TlsPin = 'secret' | 'none'

export const TLS_PINS: readonly TlsPin[] = ['secret', 'none']

/** Upper and lower case count as equal. */
export function oneOf<T extends string>(values: readonly T[]): (text: string) => Parsed<T> {
  return (text) => {
    const value = values.find((one) => one === text.toLowerCase())
    return value === undefined ? { kind: 'rejected' } : { kind: 'value', value }
  }
}

export function parseMeshName(text: string): Parsed<string> {
  return isMeshName(text) ? { kind: 'value', value: text } : { kind: 'rejected' }
}

/** A secret a line, the first one proves. Empty lines and those that begin with # are skipped. */
export function parseSecrets(text: string): Parsed<readonly string[]> {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const secrets = new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))
  if (secrets.size === 0) return rejected('has no secret in it')
  if (secrets.size > SECRETS_MAX) return rejected(`has more than ${SECRETS_MAX} secrets`)
  for (const { length } of secrets) {
    if (length < SECRET_CHARS_MIN) return rejected(`has a secret of ${length} characters`)
  }
  return { kind: 'value', value: [...secrets] }
}

export function parsePath(text: string): Parsed<string> {
  if (text === '') return rejected('is empty')
  return text.includes('\0') ? rejected('has a NUL in it') : { kind: 'value', value: text }
}

/** What a node tells of itself, as the text that goes over the wire. */
export function parseNodeDataText(text: string): Parsed<string> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return rejected('is not JSON')
  }
  const encoded = encodeNodeData(value)
  return encoded.kind === 'text'
    ? { kind: 'value', value: encoded.text }
    : rejected(encoded.problem)
}

export function parseOwnAddress(text: string): Parsed<Address | AutoAddress> {
  const auto = parseAutoAddress(text)
  if (auto !== undefined) return { kind: 'value', value: auto }
  const parsed = parseOperatorAddress(text)
  if (parsed.kind === 'rejected') return rejected(parsed.problem)
  // More likely a slip than a host of that name.
  if (hostOf(parsed.address) === 'auto') return rejected('has more than auto, such as a port')
  // RFC 1122 §3.2.1.3 and RFC 4291 §2.5.2: to listen on, never to dial. The last is 0.0.0.0 in
  // IPv6.
  if (['0.0.0.0', '::', '::ffff:0:0'].includes(hostOf(parsed.address))) {
    return rejected('cannot be dialed; to listen on every interface, set LISTEN')
  }
  return { kind: 'value', value: parsed.address }
}

/**
 * IP literals separated by commas, IPv6 with or without brackets. Rejects what a system refuses
 * with a misleading error, or accepts without effect.
 */
export function parseListenIps(text: string): Parsed<readonly string[]> {
  const ips = new Set<string>()
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') return rejected('has an empty entry')
    const ip = canonicalIp(entry.replace(/^\[(.*)\]$/, '$1'))
    if (ip === undefined) return rejected('has an entry that is not an IP address')
    ips.add(ip)
  }
  if (ips.size > LISTEN_IPS_MAX) return rejected(`has more than ${LISTEN_IPS_MAX} entries`)
  const value = [...ips]
  const because = groupIn(value) ?? overlapIn(value)
  return because === undefined ? { kind: 'value', value } : rejected(because)
}

/**
 * Host names and IPs separated by commas, IPv6 in brackets, each with or without a port, as
 * browsers write them. No pattern for several names: it would admit names of an attacker, too.
 */
export function parseHttpHosts(text: string): Parsed<readonly string[]> {
  const hosts = new Set<string>()
  const entries = text === '' ? [] : text.split(',').map((part) => part.trim())
  for (const entry of entries) {
    if (entry === '') return rejected('has an empty entry')
    const [, name, port] = /^(\[[^\]]*\]|[^:/\\]+)(?::(\d+))?$/.exec(entry) ?? []
    const parsed = parseOperatorAddress(`ws://${name}:${port ?? '1'}`)
    if (name === undefined || parsed.kind === 'rejected') {
      return rejected(`has ${quoted(entry)}, which is not a host name`)
    }
    const host = urlHost(hostOf(parsed.address))
    hosts.add(port === undefined ? host : `${host}:${Number(port)}`)
  }
  if (hosts.size > HTTP_HOSTS_MAX) return rejected(`has more than ${HTTP_HOSTS_MAX} entries`)
  return { kind: 'value', value: [...hosts] }
}

/**
 * An address that an operator wrote: other scripts in the host name are allowed, and become what
 * the URL parser makes of them (`xn--…`), as in HANDSHAKE and in Host.
 */
export function parseOperatorAddress(input: unknown): ParsedAddress {
  if (typeof input !== 'string') return parseAddress(input)
  const [, scheme, place = '', path] = /^(\w+:\/\/)([^/\\\s?#@]+)(\S*)$/.exec(input) ?? []
  const isPlain = /^[\x21-\x7e]*$/.test(place)
  if (isPlain || !URL.canParse(`ws://${place}`)) return parseAddress(input)
  return parseAddress(`${scheme}${new URL(`ws://${place}`).host}${path}`)
}

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
  for (const every of ['0.0.0.0', '::'].filter((wildcard) => ips.includes(wildcard))) {
    const version = ipVersion(every)
    const other = ips.find((ip) => ip !== every && ipVersion(ip) === version)
    if (other !== undefined)
      return `has ${other} beside ${every}, which covers all of IPv${version}`
  }
  return undefined
}

function rejected(because: string): Parsed<never> {
  return { kind: 'rejected', because }
}
