/**
 * `srv:_mesh._tcp.NAME`: the hosts and ports in SRV records (RFC 2782). Priority and weight do not
 * count, because a node connects to all.
 */

import type { Address } from '../mesh/address/address.ts'
import { ANSWER_MS_MAX } from './limits.ts'
import { addressAt, type NameSource } from './source.ts'

export interface SrvRecord {
  readonly name: string
  readonly port: number
}

/** A target `.` says that there is no such service: its name is empty. */
export function addressesOfRecords(
  source: NameSource,
  records: readonly SrvRecord[],
): readonly Address[] {
  return records.flatMap(({ name, port }) => addressAt(source, name, String(port)) ?? [])
}

/**
 * Asks the DNS servers of the system, as its files have them at that time: the system itself looks
 * up no SRV records, and a machine may move to another network.
 *
 * @param signal ends it with an error
 */
export async function resolveSrv(name: string, signal: AbortSignal): Promise<readonly SrvRecord[]> {
  const { Resolver } = process.getBuiltinModule('node:dns').promises
  // Two tries within the time, since a packet can be lost.
  const resolver = new Resolver({ timeout: ANSWER_MS_MAX / 2, tries: 2 })
  const cancel = (): void => resolver.cancel()
  const timer = setTimeout(cancel, ANSWER_MS_MAX)
  signal.addEventListener('abort', cancel)
  try {
    return await resolver.resolveSrv(name)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}
