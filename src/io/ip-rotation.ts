/**
 * In which order the IPs of a name are dialed: those that were dialed least recently first, and
 * where a dial failed or led to ourselves last, for a while. So dead IPs hide no live one, and in
 * time each IP of a name is dialed, however many it has.
 */

import { type Address, hostOf } from '../mesh/address/address.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import { DIAL_IP_MISSED_MS, DIALED_IPS_MAX } from './limits.ts'

export class IpRotation {
  /**
   * By port and IP, the time that orders them, in ms: when it was last reached, or when it failed
   * plus `DIAL_IP_MISSED_MS`. Earlier ones come first.
   */
  readonly #afterMs = new BoundedMap<string, number>(DIALED_IPS_MAX)

  /** The IPs of an address in the order in which they are dialed; equal ones keep theirs. */
  order(address: Address, ips: readonly string[]): readonly string[] {
    // Both IPs of localhost are one machine, and IPv4 is the one that always exists.
    if (isLoopbackHost(hostOf(address))) return ips
    const { port } = new URL(address)
    const afterMs = (ip: string): number => this.#afterMs.get(keyOf(port, ip)) ?? 0
    return ips.toSorted((one, other) => afterMs(one) - afterMs(other))
  }

  /** A dial of this IP led to a peer. */
  reached(address: Address, ip: string, nowMs: number): void {
    this.#afterMs.set(keyOf(new URL(address).port, ip), nowMs)
  }

  /** A dial of this IP failed, or led to ourselves. */
  missed(address: Address, ip: string, nowMs: number): void {
    this.#afterMs.set(keyOf(new URL(address).port, ip), nowMs + DIAL_IP_MISSED_MS)
  }
}

function keyOf(port: string, ip: string): string {
  return `${port} ${ip}`
}
