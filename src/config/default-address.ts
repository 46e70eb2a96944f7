/**
 * Defaults: the address of a node from where it listens, and where it listens from its address. The
 * program and the library use both.
 */

import { type Address, hostOf, parseAddress } from '../mesh/address/address.ts'
import { urlHost } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { servesLocalhost } from './listen-ips.ts'

/** An address of where the node listens: the first IP that others can dial, else localhost. */
export function defaultAddress(port: number, listen: readonly string[]): Address {
  const hosts = listen.some(servesLocalhost) ? [] : listen
  for (const host of hosts) {
    // An IP with a zone (`fe80::1%eth0`) is valid on its own machine only, and is rejected.
    const parsed = parseAddress(`ws://${urlHost(host)}:${port}`)
    if (parsed.kind === 'address') return parsed.address
  }
  const parsed = parseAddress(`ws://localhost:${port}`)
  if (parsed.kind === 'rejected') throw new Error(`ws://localhost:${port} ${parsed.problem}`)
  return parsed.address
}

/** A node whose address is on this machine is for this machine only. */
export function defaultListen(address: Address): readonly string[] {
  return isLoopbackHost(hostOf(address)) ? ['127.0.0.1', '::1'] : ['0.0.0.0', '::']
}
