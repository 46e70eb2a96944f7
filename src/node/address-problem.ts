/** Events about the address of the node itself, to which the node adds the one to set. */

import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import type { MeshEvent } from '../mesh/events.ts'

/** Events that say that the address of this node is wrong, or may be. */
export type AddressProblem = Extract<MeshEvent, { readonly suggested?: unknown }>

export function isAddressProblem(event: MeshEvent): event is AddressProblem {
  return /^own-address-(?:taken|refused|unanswered)$/.test(event.kind)
}

/** The host of a peer by which to find the way to it; a name would take a query. */
export function literalHostOf(address: Address): string | undefined {
  const host = hostOf(address)
  return ipVersion(host) === 0 || isLoopbackHost(host) ? undefined : host
}
