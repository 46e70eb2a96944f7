/**
 * Addresses: where a node can be dialed, in one canonical spelling, so that equal strings are equal
 * addresses. Text from outside becomes an `Address` here and nowhere else.
 */

import { ADDRESS_BYTES_MAX } from '../limits.ts'

declare const canonical: unique symbol

/** A canonical address, such as `ws://localhost:4001`. Made only by {@link parseAddress}. */
export type Address = string & { readonly [canonical]: true }

/** The outcome of {@link parseAddress}. `problem` goes on after the text: "has a query in it". */
export type ParsedAddress =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'rejected'; readonly problem: string }

/**
 * Reads an address and gives its canonical spelling (WHATWG URL: scheme and host in lower case, IP
 * literals in their shortest form, default port left out), without a slash or a dot at the end of
 * the host. Idempotent. Never throws: whatever is not an address comes back as `rejected`.
 *
 * An address has at most {@link ADDRESS_BYTES_MAX} bytes, the scheme `ws` or `wss`, a port other
 * than 0, and no credentials, query or fragment. A path is allowed, for nodes behind a reverse
 * proxy.
 */
export function parseAddress(input: unknown): ParsedAddress {
  if (typeof input !== 'string') return rejected(`is not a string but ${nameOfType(input)}`)
  if (isPlain(input)) return { kind: 'address', address: input as Address }
  if (input.length > ADDRESS_BYTES_MAX) return rejected(`is longer than ${ADDRESS_BYTES_MAX} bytes`)
  // The URL parser drops tabs and newlines, trims spaces, and reads a backslash as a slash.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(input)) return rejected('has characters that no address has')
  const url = /^[a-z]+:\/\/[^/]/i.test(input) ? parseUrl(input) : undefined
  if (url === undefined || url.hostname === '')
    return rejected('is not a URL such as ws://localhost:4001')
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    return rejected(`begins with '${url.protocol}//', not with ws:// or wss://`)
  }
  if (url.username !== '' || url.password !== '') return rejected('has credentials in it')
  if (input.includes('?')) return rejected('has a query in it')
  if (input.includes('#')) return rejected('has a fragment in it')
  if (url.port === '0') return rejected('has the port 0')
  const host = url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname
  // The URL parser admits more, such as quotes, which take twice their room in JSON.
  if (!/^(?:[a-z0-9._-]*[a-z0-9_-]|\[[0-9a-f:]+\])$/.test(host))
    return rejected('has no valid host name')
  const port = url.port === '' ? '' : `:${url.port}`
  const path = url.pathname === '/' ? '' : url.pathname
  const address = `${url.protocol}//${host}${port}${path}`
  // Percent-encoding can make the path longer than it came.
  if (address.length > ADDRESS_BYTES_MAX)
    return rejected(`is longer than ${ADDRESS_BYTES_MAX} bytes`)
  return { kind: 'address', address: address as Address }
}

/**
 * Whether text is certainly canonical: a short name whose last label begins with a letter, so that
 * it is no IPv4 literal, no hyphen as in punycode, and a port. Most addresses are so, and the URL
 * parser would cost a tenth of a connection.
 */
function isPlain(text: string): boolean {
  const port = /^wss?:\/\/(?:[a-z0-9]+\.)*[a-z][a-z0-9]*:([1-9]\d{3,4})$/.exec(text)?.[1]
  return port !== undefined && Number(port) <= PORT_MAX && text.length <= ADDRESS_BYTES_MAX
}

const PORT_MAX = 65_535

/** The host of an address: a name, or an IP literal, IPv6 without brackets. */
export function hostOf(address: Address): string {
  const host = /^wss?:\/\/(?:\[([^\]]+)\]|([^/:]+))/.exec(address)
  return host?.[1] ?? host?.[2] ?? ''
}

/** The scheme, host and port of an address: all paths there lead to one server. */
export function placeOf(address: Address): string {
  return /^wss?:\/\/[^/]+/.exec(address)?.[0] ?? address
}

/** Every spelling of a port of this machine, for a node that listens on loopback. */
export function loopbackSpellings(port: number, scheme = 'ws'): readonly Address[] {
  const hosts = ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '[::]']
  return hosts.flatMap((host) => {
    const parsed = parseAddress(`${scheme}://${host}:${port}`)
    return parsed.kind === 'address' ? [parsed.address] : []
  })
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function rejected(problem: string): ParsedAddress {
  return { kind: 'rejected', problem }
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
