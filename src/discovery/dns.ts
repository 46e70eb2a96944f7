/** `dns:NAME:PORT`: all IPs of a name, which the system looks up. */

import type { Address } from '../mesh/address/address.ts'
import { addressAt, portOf, type Source } from './source.ts'

export function addressesOfIps(source: Source, ips: readonly string[]): readonly Address[] {
  const port = portOf(source)
  return ips.flatMap((ip) => addressAt(source, ip, port) ?? [])
}
