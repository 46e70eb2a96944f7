/**
 * Which Host names are this node's: names that no one else can make lead here. A page of
 * evil.example can make its own name lead to this machine (DNS rebinding), and would then pass for
 * a page of ours.
 */

import { ipVersion } from '../mesh/address/ip.ts'

/** What the names of a node follow from. */
export interface OwnEndpoint {
  /** Where others dial it, such as `wss://mesh.example`. */
  readonly address: string
  /** The port that it listens on. */
  readonly port: number
}

/**
 * Whether a host, IPv6 in brackets, is this node's on at least one of these ports: `localhost` and
 * IPs, which are not resolved by others' DNS, and the host of its address, which the operator set.
 */
export function isAllowedHost(
  host: string,
  ports: readonly number[],
  { address, port }: OwnEndpoint,
): boolean {
  const own = new URL(address)
  if (host === own.hostname) return ports.includes(port) || ports.includes(portOf(own))
  const isIpLiteral = ipVersion(host.replace(/^\[|\]$/g, '')) !== 0
  return (isIpLiteral || host === 'localhost') && ports.includes(port)
}

/** The port of a URL, also where it is the default of the scheme. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}
