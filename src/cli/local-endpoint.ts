/** Where the node of a folder answers on its own machine, and under which addresses. */

import type { Config } from '../config/config.ts'
import { firstAddress } from '../config/default-address.ts'
import { servesLocalhost, servesLoopback } from '../config/listen-ips.ts'
import { type Address, loopbackSpellings } from '../mesh/address/address.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** The part of a {@link Config} that determines where a node listens. */
export type Listening = Pick<Config, 'address' | 'listen' | 'port'>

/**
 * The hosts to try, the best first: IPs of LISTEN, with the loopback for all of a family. Not the
 * address that others dial, which can lead through a proxy.
 */
export function localHosts({ listen }: Listening): readonly string[] {
  const loopbackOf: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const hosts = listen.map((ip) => loopbackOf[ip] ?? ip)
  return [...hosts.filter(isLoopbackHost), ...hosts.filter((host) => !isLoopbackHost(host))]
}

/** The same as an address to dial, or undefined when none can be written as one. */
export function localEndpoint(listening: Listening): Address | undefined {
  const { listen, port } = listening
  const hosts = listen.some(servesLocalhost) ? ['localhost'] : localHosts(listening)
  return firstAddress(hosts, port)
}

/** The URL of the node's page for a browser on its machine; undefined when there is none. */
export function localPageUrl(listening: Listening): string | undefined {
  return localEndpoint(listening)?.replace(/^ws:(.*)$/, 'http:$1/')
}

/** All addresses that lead to this node, running or not. */
export function ownSpellings({ address, listen, port }: Listening): ReadonlySet<Address> {
  return new Set([address, ...(servesLoopback(listen) ? loopbackSpellings(port) : [])])
}
