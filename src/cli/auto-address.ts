/** `ADDRESS=auto` and `wss://auto`: the IP from which this machine reaches others. */

import type { Config } from '../config/config.ts'
import { defaultListen } from '../config/listening.ts'
import { LAN_SOURCE } from '../discovery/source.ts'
import { defaultRouteIp } from '../io/suggested-address.ts'
import { parseAddress } from '../mesh/address/address.ts'
import { ipVersion, urlHost } from '../mesh/address/ip.ts'
import { admitsIp } from '../mesh/address/scope.ts'
import { delay, networkIps } from '../runtime/on-demand.ts'

/**
 * How often the IP is looked at, in ms. Seen twice, a new one counts. Smaller: an IP that a network
 * gives for a moment ends all connections. Larger: others cannot dial this node for longer.
 */
const LOOK_MS = 5_000

/**
 * The configuration with the address that the node has now. Without `auto` in ADDRESS, or without a
 * route, it stays as it is: then the address is one of this machine.
 */
export async function withAutoAddress(config: Config): Promise<Config> {
  const ip = config.isAddressAuto ? await ownIp(config) : undefined
  const { protocol } = new URL(config.address)
  const parsed = ip && parseAddress(`${protocol}//${urlHost(ip)}:${config.port}`)
  if (!parsed || parsed.kind === 'rejected') return config
  const { address } = parsed
  const listen = config.listenSubject === undefined ? defaultListen(address) : config.listen
  return { ...config, address, isAddressSet: true, listen }
}

/** A LAN may lead nowhere else, and have no default route. */
async function ownIp({ sources }: Config): Promise<string | undefined> {
  const ip = await defaultRouteIp()
  if (ip !== undefined || !sources.includes(LAN_SOURCE)) return ip
  return networkIps().find((each) => ipVersion(each) === 4 && admitsIp('network', each))
}

/** Calls `onChange` with the configuration for each new address. Ends when it throws. */
export async function followAddress(
  config: Config,
  onChange: (config: Config) => Promise<void>,
  lookMs = LOOK_MS,
): Promise<void> {
  const { signal } = new AbortController()
  let { address } = config
  let seen = address
  for (;;) {
    await delay(lookMs, signal)
    const now = await withAutoAddress(config)
    const isSeenAgain = now.address === seen
    seen = now.address
    // Without a route the old one may come back.
    if (now.address === address || !isSeenAgain || now === config) continue
    address = now.address
    await onChange(now)
  }
}
