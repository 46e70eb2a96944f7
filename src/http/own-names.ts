/**
 * By which names a browser can reach this node. What counts is that nobody else can make such a
 * name lead here: a page of evil.example can have its own name lead to this machine (DNS
 * rebinding), and would then be taken for a page of ours.
 */

import { isIP } from 'node:net'

/** What a node's names come from. */
export interface OwnNames {
  /** Where others dial it, such as `wss://mesh.example`. */
  readonly address: string
  /** The port that it listens on. */
  readonly port: number
}

/**
 * Whether a host, IPv6 in brackets, is one of ours on at least one of these ports. Nobody can make
 * `localhost` or an IP lead somewhere else, and the host of our address is the operator's word.
 */
export function isOwnName(
  host: string,
  ports: readonly number[],
  { address, port }: OwnNames,
): boolean {
  const ours = new URL(address)
  if (host === ours.hostname) return ports.includes(port) || ports.includes(portOf(ours))
  const isIpLiteral = isIP(host.replace(/^\[|\]$/g, '')) !== 0
  return (isIpLiteral || host === 'localhost') && ports.includes(port)
}

/** The port of a URL, also when it is the one that goes without saying. */
export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}
