/**
 * What follows from what is set: the address of a node from where it listens, and where it listens
 * from its address. The program and the library have the same rules.
 */

import { type Address, hostOf, parseAddress } from '../mesh/address/address.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { servesLocalhost } from './listen-ips.ts'

/** An address that leads to where the node listens, as long as one of these IPs can be told. */
export function defaultAddress(port: number, listen: readonly string[]): Address {
  const hosts = listen.some(servesLocalhost) ? [] : listen
  for (const host of hosts) {
    // One with a zone (`fe80::1%eth0`) means something on its own machine only, and is rejected.
    const parsed = parseAddress(`ws://${host.includes(':') ? `[${host}]` : host}:${port}`)
    if (parsed.kind === 'address') return parsed.address
  }
  const parsed = parseAddress(`ws://localhost:${port}`)
  if (parsed.kind === 'rejected') throw new Error(`ws://localhost:${port} ${parsed.problem}`)
  return parsed.address
}

/** Who tells others an address on this machine is to be reached from this machine only. */
export function defaultListen(address: Address): readonly string[] {
  return isLoopbackHost(hostOf(address)) ? ['127.0.0.1', '::1'] : ['0.0.0.0', '::']
}
