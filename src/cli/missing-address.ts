/** The ADDRESS that is missing in the files of a node. */

import type { Config } from '../config/config.ts'
import { LAN_SOURCE, nameOf } from '../discovery/source.ts'
import { ipOf, suggestedAddress } from '../io/suggested-address.ts'
import { hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/**
 * What is missing when a known peer is not on this machine, and this node announces an address that
 * only its own machine can dial: a line with the setting. Undefined when nothing is missing.
 */
export async function missingAddress(config: Config): Promise<string | undefined> {
  const { address, knownPeers, sources } = config
  if (!isLoopbackHost(hostOf(address))) return undefined
  if (sources.includes(LAN_SOURCE)) {
    const fix = `connect it to a network, or set ADDRESS=${await suggestedAddress(config)}`
    return `lan finds no nodes beyond this machine, because this node announces ${address}; ${fix}`
  }
  const names = sources.flatMap((source) =>
    source.kind === 'dns' ? [{ peer: source.text, host: nameOf(source) }] : [],
  )
  const others = [...knownPeers.map((peer) => ({ peer, host: hostOf(peer) })), ...names].filter(
    ({ host }) => !isLoopbackHost(host),
  )
  // A name takes a query, perhaps to a server that does not answer.
  const { peer, host } = others.find((other) => ipVersion(other.host) !== 0) ?? others[0] ?? {}
  const ip = host && (await ipOf(host))
  if (ip === undefined || isLoopbackHost(ip)) return undefined
  // All nodes of a mesh encrypt, or none.
  const isSecure = peer?.includes('wss://') === true
  const fix = `set ADDRESS=${await suggestedAddress({ ...config, isSecure }, ip)}`
  return `the known peer ${peer} is on another machine, but this node announces ${address}, which only its own machine can dial; ${fix}`
}
