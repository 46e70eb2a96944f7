/** `dns:NAME:PORT`: all IPs of a name, which the system looks up. */

import type { Address } from '../mesh/address/address.ts'
import { addressAt, type NameSource, portOf } from './source.ts'

export function addressesOfIps(source: NameSource, ips: readonly string[]): readonly Address[] {
  const port = portOf(source)
  return ips.flatMap((ip) => addressAt(source, ip, port) ?? [])
}
