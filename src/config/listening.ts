/** Where a node listens, and which addresses lead there. */

import { type Address, hostOf, loopbackSpellings, parseAddress } from '../mesh/address/address.ts'
import { urlHost } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** Where a node listens, and where other nodes dial it: PORT, LISTEN and ADDRESS. */
export interface Listening {
  readonly port: number
  readonly listen: readonly string[]
  readonly address: Address
  /** Whether the node itself encrypts what it listens for (TLS). */
  readonly isSecure: boolean
}

/** A node with an address on this machine is reached from this machine only. */
export function defaultListen(address: Address): readonly string[] {
  return isLoopbackHost(hostOf(address)) ? ['127.0.0.1', '::1'] : ['0.0.0.0', '::']
}

/** An address that leads to where the node listens: localhost, or the first IP that fits. */
export function defaultAddress(
  port: number,
  listen: readonly string[],
  scheme?: 'ws' | 'wss',
): Address {
  const hosts = listen.some(servesLocalhost) ? [] : listen
  const address = firstAddress([...hosts, 'localhost'], port, scheme)
  if (address === undefined) throw new Error(`ws://localhost:${port} is not an address`)
  return address
}

/** All addresses that lead to this node, running or not. */
export function ownSpellings(listening: Listening): readonly [Address, ...Address[]] {
  const { address, listen, port, isSecure } = listening
  const isOnLoopback = listen.some((ip) => servesLocalhost(ip) || isLoopbackHost(ip))
  if (!isOnLoopback) return [address]
  // Nothing else answers on the port of a node that encrypts, so `ws:` is a slip.
  const encrypted = isSecure ? loopbackSpellings(port, 'wss') : []
  return [address, ...encrypted, ...loopbackSpellings(port)]
}

/**
 * The hosts where a node answers on its own machine, the best first. Not the address that others
 * dial, which can lead through a proxy.
 */
export function localHosts(listen: readonly string[]): readonly string[] {
  const loopbackOf: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const hosts = listen.map((ip) => loopbackOf[ip] ?? ip)
  return [...hosts.filter(isLoopbackHost), ...hosts.filter((host) => !isLoopbackHost(host))]
}

/** The same as an address to dial, or undefined when none can be written as one. */
export function localEndpoint({ listen, port, isSecure }: Listening): Address | undefined {
  const hosts = listen.some(servesLocalhost) ? ['localhost'] : localHosts(listen)
  return firstAddress(hosts, port, isSecure ? 'wss' : 'ws')
}

/** The URL of the node's page for a browser on its machine; undefined when there is none. */
export function localPageUrl(listening: Listening): string | undefined {
  return localEndpoint(listening)?.replace(/^ws(s?:.*)$/, 'http$1/')
}

/** Whether a connection to `localhost` reaches a node that listens here. */
function servesLocalhost(ip: string): boolean {
  return ['127.0.0.1', '::1', '0.0.0.0', '::'].includes(ip)
}

/** The first host that an address can have. An IP with a zone (`fe80::1%eth0`) cannot be in one. */
function firstAddress(
  hosts: readonly string[],
  port: number,
  scheme: 'ws' | 'wss' = 'ws',
): Address | undefined {
  for (const host of hosts) {
    const parsed = parseAddress(`${scheme}://${urlHost(host)}:${port}`)
    if (parsed.kind === 'address') return parsed.address
  }
  return undefined
}
