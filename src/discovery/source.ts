/** Sources of addresses: entries of the known peers that are no addresses themselves. */

import { type Address, hostOf, parseAddress } from '../mesh/address/address.ts'
import { urlHost } from '../mesh/address/ip.ts'

/**
 * A name in DNS:
 * - `dns`: all IPs of a host name, each with the scheme, the port and the path of `pattern`.
 * - `srv`: the hosts and ports in the SRV records of a name (RFC 2782), each with the scheme and
 *   the path of `pattern`.
 */
export interface NameSource {
  readonly kind: 'dns' | 'srv'
  /** As it is shown and compared: `dns:mesh.example:4001`, `srv:_mesh._tcp.mesh.example`. */
  readonly text: string
  /** The name that is asked for, as the host of an address. */
  readonly pattern: Address
}

/** The nodes that announce themselves on the LAN. */
export const LAN_SOURCE = { kind: 'lan', text: 'lan' } as const

/** Where a node asks for addresses. */
export type Source = NameSource | typeof LAN_SOURCE

/** The name that is asked for. */
export function nameOf({ pattern }: NameSource): string {
  return hostOf(pattern)
}

/** The address of a host that the source names, or undefined when it can have none. */
export function addressAt(
  { pattern }: NameSource,
  host: string,
  port: string,
): Address | undefined {
  const { protocol, pathname } = new URL(pattern)
  const parsed = parseAddress(`${protocol}//${urlHost(host)}:${port}${pathname}`)
  return parsed.kind === 'address' ? parsed.address : undefined
}

/** The port of a pattern. */
export function portOf({ pattern }: NameSource): string {
  const { protocol, port } = new URL(pattern)
  return port || (protocol === 'wss:' ? '443' : '80')
}
