/** That a node lets in whoever is on its network. */

import type { Config } from '../config/config.ts'
import { LAN_SOURCE } from '../discovery/source.ts'
import { hostOf } from '../mesh/address/address.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'

/** A line when a node announces itself on the LAN and has no secret; else undefined. */
export function openLan({ address, secrets, sources }: Config): string | undefined {
  if (secrets.length > 0 || !sources.includes(LAN_SOURCE)) return undefined
  if (isLoopbackHost(hostOf(address))) return undefined
  return 'without a secret, lan lets in whoever is on this network; create one with the command secret --write'
}
