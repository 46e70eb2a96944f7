/** The ADDRESS that a node needs so that peers on other machines can dial it. */

import { once } from 'node:events'
import type { Config } from '../config/config.ts'
import type { Listening } from '../config/listening.ts'
import { hostOf } from '../mesh/address/address.ts'
import { ipVersion, urlHost } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** An IP for documentation (RFC 5737): only the default route leads there. */
const ANYWHERE = '192.0.2.1'

/** Any port: no packet is sent there. */
const DISCARD_PORT = 9

/**
 * What is missing when a known peer is not on this machine, and this node announces an address that
 * only its own machine can dial: a line with the setting. Undefined when nothing is missing.
 */
export async function missingAddress(config: Config): Promise<string | undefined> {
  const { address, knownPeers } = config
  if (!isLoopbackHost(hostOf(address))) return undefined
  const others = knownPeers.filter((peer) => !isLoopbackHost(hostOf(peer)))
  // A name takes a query, perhaps to a server that does not answer.
  const peer = others.find((other) => ipVersion(hostOf(other)) !== 0) ?? others[0]
  const ip = peer && (await ipOf(hostOf(peer)))
  if (ip === undefined || isLoopbackHost(ip)) return undefined
  const fix = `set ADDRESS=${await suggestedAddress(config, ip)}`
  return `known-peers.json has ${peer}, but this node announces ${address}, which only its own machine can dial; ${fix}`
}

/**
 * An address of this node that `host` can dial: with the IP from which this machine reaches it, or
 * `ws://IP:PORT` as a pattern where there is no route, and on Deno, which does not tell.
 */
export async function suggestedAddress(
  { listen, port }: Listening,
  host = ANYWHERE,
): Promise<string> {
  const own = listen.find((ip) => !isLoopbackHost(ip) && !isEvery(ip) && !ip.includes('%'))
  const ip = own ?? (await sourceIp((await ipOf(host)) ?? ANYWHERE))
  return `ws://${ip === undefined ? 'IP' : urlHost(ip)}:${port}`
}

/** The IP that the system dials for a host; undefined when it finds none. */
async function ipOf(host: string): Promise<string | undefined> {
  if (ipVersion(host) !== 0) return host
  const { lookup } = await import('node:dns/promises')
  return lookup(host).then(
    ({ address }) => address,
    () => undefined,
  )
}

/** The IP that packets to another one come from; undefined when none go there. Sends none. */
async function sourceIp(to: string): Promise<string | undefined> {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket(ipVersion(to) === 6 ? 'udp6' : 'udp4')
  try {
    socket.connect(DISCARD_PORT, to)
    await once(socket, 'connect')
    const { address } = socket.address()
    return isEvery(address) ? undefined : address
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

function isEvery(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::'
}
