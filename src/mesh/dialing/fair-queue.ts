/**
 * Addresses that wait, in groups that take turns: a long group does not delay the others. Within a
 * group, hosts take turns; of one host, first come, first served.
 */

import { type Address, hostOf } from '../address/address.ts'

/** An address whose turn it is. */
export interface Turn {
  readonly address: Address
  readonly group: string
  readonly host: string
}

export class FairQueue {
  /** By group and host, each in the order of their turns. */
  readonly #groups = new Map<string, Map<string, Set<Address>>>()
  /** The groups of each address. */
  readonly #waiting = new Map<Address, string[]>()

  /** How many addresses wait. */
  get size(): number {
    return this.#waiting.size
  }

  has(address: Address): boolean {
    return this.#waiting.has(address)
  }

  /** Adds an address to a group; it may be in others, too. Idempotent. */
  add(address: Address, group: string): void {
    const groups = this.#waiting.get(address)
    if (groups?.includes(group) === true) return
    if (groups === undefined) this.#waiting.set(address, [group])
    else groups.push(group)
    const host = hostOf(address)
    const hosts = this.#groups.get(group) ?? new Map<string, Set<Address>>()
    this.#groups.set(group, hosts)
    const addresses = hosts.get(host)
    if (addresses === undefined) hosts.set(host, new Set([address]))
    else addresses.add(address)
  }

  /** Takes the address whose turn it is among the groups and hosts that may have one. */
  take(mayTake: (group: string, host: string) => boolean): Turn | undefined {
    for (const [group, hosts] of this.#groups) {
      for (const [host, addresses] of hosts) {
        if (!mayTake(group, host)) continue
        const [address] = addresses
        if (address === undefined) continue
        // The next turn of both is after all others.
        hosts.delete(host)
        hosts.set(host, addresses)
        this.#groups.delete(group)
        this.#groups.set(group, hosts)
        this.#remove(address)
        return { address, group, host }
      }
    }
    return undefined
  }

  /** Drops all addresses but these. */
  retain(keeps: (address: Address) => boolean): void {
    for (const address of [...this.#waiting.keys()]) if (!keeps(address)) this.#remove(address)
  }

  #remove(address: Address): void {
    const host = hostOf(address)
    for (const group of this.#waiting.get(address) ?? []) {
      const hosts = this.#groups.get(group)
      const addresses = hosts?.get(host)
      addresses?.delete(address)
      if (addresses?.size === 0) hosts?.delete(host)
      if (hosts?.size === 0) this.#groups.delete(group)
    }
    this.#waiting.delete(address)
  }

  /** The group and host for which most addresses wait, and how many. */
  get longest(): { readonly group: string; readonly host: string; readonly waiting: number } {
    let longest = { group: '', host: '', waiting: 0 }
    for (const [group, hosts] of this.#groups) {
      for (const [host, { size }] of hosts) {
        if (size > longest.waiting) longest = { group, host, waiting: size }
      }
    }
    return longest
  }

  clear(): void {
    this.#groups.clear()
    this.#waiting.clear()
  }
}
