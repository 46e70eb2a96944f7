/** Which host is at the other end of a socket. */

import { hostOfIp } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** The two ends of a connection. */
export interface Ends {
  readonly remoteAddress?: string | undefined
  readonly localAddress?: string | undefined
}

/**
 * Whether the other end is this machine, by loopback or by an IP of its own. A program here has
 * simpler ways to harm a node than its connections.
 */
export function isOwnMachine({ remoteAddress = '', localAddress }: Ends): boolean {
  return isLoopbackHost(remoteAddress) || (remoteAddress !== '' && remoteAddress === localAddress)
}

/** The host at the other end, or undefined for our own machine. */
export function remoteHostOf(ends: Ends): string | undefined {
  return isOwnMachine(ends) ? undefined : hostOfIp(ends.remoteAddress ?? '')
}
