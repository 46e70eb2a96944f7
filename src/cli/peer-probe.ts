/**
 * Whom the node of a folder knows, visited: what `check` and `--verify` judge. The node itself need
 * not run; when it does, it is visited like the others, and recognised by its id.
 */

import type { Config } from '../config/config.ts'
import { type Visit, visitAll } from '../io/probe.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Identity } from '../wire/headers.ts'
import { ownDoor, ownSpellings } from './local-endpoint.ts'

/** The own node and others, each visited once. */
export interface Neighbourhood {
  /** What answers where the node of this folder listens; undefined when that cannot be dialed. */
  readonly atHome: Visit | undefined
  /** In the order in which they were asked for; our own spellings are among them. */
  readonly peers: readonly Neighbour[]
}

/** An address, and what a visit there brought. */
export interface Neighbour {
  readonly address: Address
  readonly visit: Visit
  /** Whether it is the node of this folder: by its address, or by its id while that node runs. */
  readonly isOurs: boolean
}

/** Visits our own node and these addresses. Never rejects. */
export async function visitNeighbourhood(
  config: Config,
  addresses: readonly Address[],
): Promise<Neighbourhood> {
  const door = ownDoor(config)
  const spellings = ownSpellings(config)
  const all = [...(door === undefined ? [] : [door]), ...addresses]
  const visits = await visitAll(all, config.timings.dialTimeoutMs)
  const atHome = door === undefined ? undefined : visits.get(door)
  const ownId = ownIdentity(config, atHome)?.id
  const peers = [...new Set(addresses)].flatMap((address): Neighbour[] => {
    const visit = visits.get(address)
    if (visit === undefined) return []
    const id = visit.kind === 'met' ? visit.identity?.id : undefined
    const isOurs = spellings.has(address) || (id !== undefined && id === ownId)
    return [{ address, visit, isOurs }]
  })
  return { atHome, peers }
}

/** Who answered at our own door, if it was our node, and not a copy of it or a stranger. */
export function ownIdentity(
  { address, mesh }: Config,
  visit: Visit | undefined,
): Identity | undefined {
  const identity = visit?.kind === 'met' ? visit.identity : undefined
  return identity?.address === address && identity.mesh === mesh ? identity : undefined
}
