/** The default of the address, from where a node listens, and of the reverse. */

import { type Address, hostOf, parseAddress } from '../mesh/address/address.ts'
import { urlHost } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { servesLocalhost } from './listen-ips.ts'

/** An address that leads to where the node listens: localhost, or the first IP that fits. */
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

/** A node with an address on this machine is reached from this machine only. */
export function defaultListen(address: Address): readonly string[] {
  return isLoopbackHost(hostOf(address)) ? ['127.0.0.1', '::1'] : ['0.0.0.0', '::']
}
