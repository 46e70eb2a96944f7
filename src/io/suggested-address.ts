/** The ADDRESS that a node needs so that peers on other machines can dial it. */

import { once } from 'node:events'
import { ipVersion, urlHost } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** An IP for documentation (RFC 5737): only the default route leads there. */
const ANYWHERE = '192.0.2.1'

/** The same for IPv6 (RFC 3849). */
const ANYWHERE_IPV6 = '2001:db8::1'

/** Any port: no packet is sent there. */
const DISCARD_PORT = 9

interface Place {
  readonly listen: readonly string[]
  readonly port: number
  /** Whether the node encrypts. */
  readonly isSecure?: boolean
}

/**
 * An address of this node that `host` can dial: with the IP from which this machine reaches it, or
 * `ws://IP:PORT` as a pattern where there is no route, and on Deno, which does not tell.
 */
export async function suggestedAddress(
  { listen, port, isSecure = false }: Place,
  host = ANYWHERE,
): Promise<string> {
  const own = listen.find((ip) => !isLoopbackHost(ip) && !isEvery(ip) && !ip.includes('%'))
  const ip = own ?? (await sourceIp((await ipOf(host)) ?? ANYWHERE))
  return `${isSecure ? 'wss' : 'ws'}://${ip === undefined ? 'IP' : urlHost(ip)}:${port}`
}

/** The IP of this machine on its default route; undefined without one, and on Deno. */
export async function defaultRouteIp(): Promise<string | undefined> {
  return (await sourceIp(ANYWHERE)) ?? (await sourceIp(ANYWHERE_IPV6))
}

/** The IP that the system dials for a host; undefined when it finds none. */
export async function ipOf(host: string): Promise<string | undefined> {
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
