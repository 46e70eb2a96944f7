/** Events that say that the address of a node is wrong, or may be, and another one to set. */

import type { Listening } from '../config/listening.ts'
import { suggestedAddress } from '../io/suggested-address.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { DialFailure } from '../mesh/inputs.ts'

type AddressProblem = Extract<MeshEvent, { readonly suggested?: unknown }>

export function isAddressProblem(event: MeshEvent): event is AddressProblem {
  return /^own-address-(?:taken|refused|unanswered)$/.test(event.kind)
}

const ANSWERED: ReadonlySet<DialFailure> = new Set<DialFailure>(['not-mesh', 'other'])

/** The event with an address to set, if there is another one than `own`. */
export async function withSuggestion(
  event: AddressProblem,
  listening: Omit<Listening, 'address'>,
  own: string,
): Promise<AddressProblem> {
  // Something answers there, and does not connect us: another address may not mend it.
  const isAnswered = 'failure' in event && ANSWERED.has(event.failure)
  if (isAnswered) return event
  const peer = 'by' in event ? event.by : event.address
  const suggested = await suggestedAddress(listening, literalHostOf(peer))
  return suggested === own ? event : { ...event, suggested }
}

/** The host of a peer by which to find the way to it; a name would take a query. */
function literalHostOf(address: Address): string | undefined {
  const host = hostOf(address)
  return ipVersion(host) === 0 || isLoopbackHost(host) ? undefined : host
}
