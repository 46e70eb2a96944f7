/**
 * Whom the node of a folder knows, visited: what `check` and `--verify` judge. The node itself need
 * not run; when it does, it is visited like the others, and recognised by its id.
 */

import type { Config } from '../config/config.ts'
import { type Probe, probeAll } from '../io/probe.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Identity } from '../wire/headers.ts'
import { localEndpoint, ownSpellings } from './local-endpoint.ts'

/** The own node and others, each visited once. */
export interface ProbedPeers {
  /** What answers where the node of this folder listens; undefined when that cannot be dialed. */
  readonly atHome: Probe | undefined
  /** In the order in which they were asked for; our own spellings are among them. */
  readonly peers: readonly ProbedPeer[]
}

/** An address, and what a visit there brought. */
export interface ProbedPeer {
  readonly address: Address
  readonly visit: Probe
  /** Whether it is the node of this folder: by its address, or by its id while that node runs. */
  readonly isOurs: boolean
}

/** Visits our own node and these addresses. Never rejects. */
export async function probePeers(
  config: Config,
  addresses: readonly Address[],
): Promise<ProbedPeers> {
  const door = localEndpoint(config)
  const spellings = ownSpellings(config)
  const all = [...(door === undefined ? [] : [door]), ...addresses]
  const visits = await probeAll(all, config.timings.dialTimeoutMs)
  const atHome = door === undefined ? undefined : visits.get(door)
  const ownId = ownIdentity(config, atHome)?.id
  const peers = [...new Set(addresses)].flatMap((address): ProbedPeer[] => {
    const visit = visits.get(address)
    if (visit === undefined) return []
    const id = visit.kind === 'answered' ? visit.identity?.id : undefined
    const isOurs = spellings.has(address) || (id !== undefined && id === ownId)
    return [{ address, visit, isOurs }]
  })
  return { atHome, peers }
}

/** Who answered at our own door, if it was our node, and not a copy of it or a stranger. */
export function ownIdentity(
  { address, mesh }: Config,
  visit: Probe | undefined,
): Identity | undefined {
  const identity = visit?.kind === 'answered' ? visit.identity : undefined
  return identity?.address === address && identity.mesh === mesh ? identity : undefined
}
