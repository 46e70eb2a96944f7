/** The default of the address, from where a node listens, and of the reverse. */

import { type Address, hostOf, parseAddress } from '../mesh/address/address.ts'
import { urlHost } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { servesLocalhost } from './listen-ips.ts'

/** An address that leads to where the node listens: localhost, or the first IP that fits. */
export function defaultAddress(port: number, listen: readonly string[]): Address {
  const hosts = listen.some(servesLocalhost) ? [] : listen
  const address = firstAddress([...hosts, 'localhost'], port)
  if (address === undefined) throw new Error(`ws://localhost:${port} is not an address`)
  return address
}

/** The first host that an address can have. An IP with a zone (`fe80::1%eth0`) cannot be in one. */
export function firstAddress(hosts: readonly string[], port: number): Address | undefined {
  for (const host of hosts) {
    const parsed = parseAddress(`ws://${urlHost(host)}:${port}`)
    if (parsed.kind === 'address') return parsed.address
  }
  return undefined
}

/** A node with an address on this machine is reached from this machine only. */
export function defaultListen(address: Address): readonly string[] {
  return isLoopbackHost(hostOf(address)) ? ['127.0.0.1', '::1'] : ['0.0.0.0', '::']
}
