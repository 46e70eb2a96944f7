/** Checks the dials of one node: each dial that is wrong is a violation. */

import type { Address } from '../../src/mesh/address/address.ts'
import type { MeshEvent } from '../../src/mesh/events.ts'
import { OWN_ALIAS_MS } from '../../src/mesh/limits.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { Violation } from './violation.ts'

/** How often one address may be dialed in a window, with the default timings. */
const DIALS_IN_WINDOW_MAX = 60
const WINDOW_MS = 20_000

/** How long an address that was reached before may wait for its dial, in dial timeouts. */
const WAIT_TIMEOUTS_MAX = 2

/** How often another spelling of a connected peer may be dialed. */
const ALIAS_DIALS_MAX = 5

/** The node whose dials are checked. */
export interface DialWatchOptions {
  readonly name: string
  readonly mesh: Mesh
  /** Spellings of its own address that are certain from the start. */
  readonly own: readonly Address[]
  readonly knownPeers: readonly Address[]
  /** What it must not dial because a peer named it. */
  readonly forbidden: ReadonlySet<Address>
  readonly redialMinMs: number
  readonly dialTimeoutMs: number
  /** Whether one of our nodes answers there. */
  readonly isHonest: (address: Address) => boolean
}

/** The checks. */
export class DialWatch {
  readonly #options: DialWatchOptions
  readonly #underWay = new Set<Address>()
  /** Spellings on which the node reached itself, and until when it must not dial them. */
  readonly #ownAliases = new Map<string, number>()
  /** Other spellings of a peer that it reported, while that peer is connected. */
  readonly #aliases = new Map<Address, { readonly of: Address; dials: number }>()
  /** Honest addresses that were reached. */
  readonly #reached = new Set<Address>()
  /** When those of them that failed since are to be dialed again. */
  readonly #due = new Map<Address, number>()
  readonly #inWindow = new Map<Address, number>()
  #window = 0

  constructor(options: DialWatchOptions) {
    this.#options = options
  }

  /** Dials under way, as the shell sees it. */
  get underWay(): number {
    return this.#underWay.size
  }

  /** Dials under way to other addresses than these. */
  underWayBut(addresses: readonly Address[]): number {
    return [...this.#underWay].filter((address) => !addresses.includes(address)).length
  }

  /** The core orders a dial. Returns whether it verifies a claim. @throws {Violation} */
  begin(address: Address, nowMs: number): boolean {
    const { name, own, knownPeers, forbidden, mesh } = this.#options
    if (own.includes(address)) throw new Violation(`${name} dials itself: ${address}`)
    if (nowMs < (this.#ownAliases.get(address) ?? nowMs)) {
      throw new Violation(`${name} dials itself again, as ${address}`)
    }
    if (this.#underWay.has(address)) {
      throw new Violation(`${name} dials ${address} while it is dialing it`)
    }
    if (forbidden.has(address) && !knownPeers.includes(address)) {
      throw new Violation(`${name} dials ${address}, which policy refuses`)
    }
    this.#due.delete(address)
    this.#countDial(address, nowMs)
    this.#underWay.add(address)
    const verifies = mesh.connectedAddresses.has(address)
    if (!verifies) this.#countAliasDial(address)
    else if (!this.#hasClaimOn(address)) {
      throw new Violation(`${name} dials ${address}, to which it is connected`)
    }
    return verifies
  }

  end(address: Address): void {
    this.#underWay.delete(address)
  }

  /** The node reached itself. */
  reachedItself(address: Address, nowMs: number): void {
    this.#ownAliases.set(address, nowMs + OWN_ALIAS_MS)
  }

  /** A dial of the address reached the node that announces it. */
  reached(address: Address): void {
    this.#reached.add(address)
  }

  /** Whatever peers name, who was reached before does not wait long. @throws {Violation} */
  checkWaiting(nowMs: number, awakeSinceMs: number): void {
    const { name, mesh, dialTimeoutMs, isHonest } = this.#options
    for (const [address, dueMs] of this.#due) {
      if (mesh.connectedAddresses.has(address) || !isHonest(address)) this.#due.delete(address)
      else if (nowMs > Math.max(dueMs, awakeSinceMs) + WAIT_TIMEOUTS_MAX * dialTimeoutMs) {
        throw new Violation(`${name} reached ${address} before, and does not dial it`)
      }
    }
  }

  /** Takes due times and aliases from the events of the core. */
  note(event: MeshEvent, nowMs: number): void {
    if (event.kind === 'dial-failed' && this.#reached.has(event.address)) {
      if (event.retryInMs === undefined) this.#due.delete(event.address)
      else this.#due.set(event.address, nowMs + event.retryInMs)
    }
    if (event.kind === 'alias-found' || event.kind === 'self-found') this.#due.delete(event.address)
    if (event.kind === 'alias-found') {
      const dials = this.#aliases.get(event.address)?.dials ?? 0
      this.#aliases.set(event.address, { of: event.of, dials })
    }
    // A peer with a copy of our id, dialed at the same time, was taken for ourselves.
    if (
      event.kind === 'link-refused' &&
      event.ending.reason === 'both nodes announce the same id'
    ) {
      this.#ownAliases.delete(event.peer)
    }
    if (event.kind !== 'peer-left') return
    for (const [alias, { of }] of this.#aliases) {
      if (of === event.address) this.#aliases.delete(alias)
    }
  }

  /** Whether a link to the address is unverified, or one of several that peers dialed. */
  #hasClaimOn(address: Address): boolean {
    const links = [...this.#options.mesh.links()].filter((link) => link.address === address)
    const accepted = links.filter(({ origin }) => origin.kind === 'accepted')
    return accepted.length > 1 || links.some(({ verified }) => !verified)
  }

  /**
   * An alias that was disproved, or that backed off when its target came, is dialed once more; not
   * again and again.
   */
  #countAliasDial(address: Address): void {
    const { name, mesh, isHonest } = this.#options
    const alias = this.#aliases.get(address)
    // A hostile peer sends another identity each time that it is dialed.
    if (alias === undefined || !isHonest(address)) return
    if (mesh.connectedAddresses.has(alias.of)) alias.dials += 1
    if (alias.dials <= ALIAS_DIALS_MAX) return
    throw new Violation(`${name} keeps dialing ${address}, an alias of ${alias.of}`)
  }

  /**
   * Backoff, verification and dialing back each have a pace; together they stay below this.
   */
  #countDial(address: Address, nowMs: number): void {
    const { name, redialMinMs } = this.#options
    const window = Math.floor(nowMs / WINDOW_MS)
    if (window !== this.#window) this.#inWindow.clear()
    this.#window = window
    const count = (this.#inWindow.get(address) ?? 0) + 1
    this.#inWindow.set(address, count)
    const max = DIALS_IN_WINDOW_MAX * Math.max(1, 1_000 / redialMinMs)
    if (count > max) throw new Violation(`${name} dials ${address} over ${max} times in 20 s`)
  }
}
