/** Checks the dials of one node: each dial that is wrong is a violation. */

import { type Address, hostOf } from '../../src/mesh/address/address.ts'
import { isLoopbackHost } from '../../src/mesh/address/scope.ts'
import type { MeshEvent } from '../../src/mesh/events.ts'
import {
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  OWN_ALIAS_PAUSES_MS,
} from '../../src/mesh/limits.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { Violation } from './violation.ts'

/** How often one address may be dialed in a window, with the default timings. */
const DIALS_IN_WINDOW_MAX = 60
const WINDOW_MS = 20_000

/** How long an address may wait for its dial, in dial timeouts: one that was reached, any other. */
const REACHED_TIMEOUTS_MAX = 2
const OTHER_TIMEOUTS_MAX = 12

/** Most dials of one host in a window that peers may cause, and some to verify claims. */
const HOST_DIALS_MAX = HOST_DIALS_BURST + 20 * HOST_DIALS_PER_SECOND + 60

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
  /** When honest addresses whose dial failed are to be dialed again. */
  readonly #due = new Map<Address, number>()
  readonly #inWindow = new Map<Address, number>()
  readonly #hostsInWindow = new Map<string, number>()
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
    this.#ownAliases.set(address, nowMs + OWN_ALIAS_PAUSES_MS[0])
  }

  /** A dial of the address reached the node that announces it. */
  reached(address: Address): void {
    this.#reached.add(address)
  }

  /** Whatever peers name, honest nodes do not wait long for their dials. @throws {Violation} */
  checkWaiting(nowMs: number, awakeSinceMs: number): void {
    const { name, mesh, dialTimeoutMs, isHonest } = this.#options
    for (const [address, dueMs] of this.#due) {
      const wasReached = this.#reached.has(address)
      const timeouts = wasReached ? REACHED_TIMEOUTS_MAX : OTHER_TIMEOUTS_MAX
      if (mesh.connectedAddresses.has(address) || !isHonest(address)) this.#due.delete(address)
      else if (nowMs > Math.max(dueMs, awakeSinceMs) + timeouts * dialTimeoutMs) {
        const { nodes } = mesh.overview(nowMs)
        const view = nodes.find((one) => one.address === address)
        // The book may have dropped it for another address.
        if (!wasReached && view?.state.kind !== 'attempting') this.#due.delete(address)
        else throw new Violation(`${name} does not dial ${address}, reached before: ${wasReached}`)
      }
    }
  }

  /** Takes due times and aliases from the events of the core. */
  note(event: MeshEvent, nowMs: number): void {
    if (event.kind === 'dial-failed') {
      if (event.retryInMs === undefined) this.#due.delete(event.address)
      else if (this.#options.isHonest(event.address)) {
        this.#due.set(event.address, nowMs + event.retryInMs)
      }
    }
    const { kind } = event
    const isOther = kind === 'alias-found' || kind === 'self-found'
    // A link that came and went sets another time.
    const isLink = kind === 'peer-joined' || kind === 'peer-left'
    if (isOther || isLink || kind === 'peer-forgotten') this.#due.delete(event.address)
    if (event.kind === 'alias-found') {
      const dials = this.#aliases.get(event.address)?.dials ?? 0
      this.#aliases.set(event.address, { of: event.of, dials })
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
    if (window !== this.#window) {
      this.#inWindow.clear()
      this.#hostsInWindow.clear()
    }
    this.#window = window
    const count = (this.#inWindow.get(address) ?? 0) + 1
    this.#inWindow.set(address, count)
    const max = DIALS_IN_WINDOW_MAX * Math.max(1, 1_000 / redialMinMs)
    if (count > max) throw new Violation(`${name} dials ${address} over ${max} times in 20 s`)
    const host = hostOf(address)
    const ofHost = (this.#hostsInWindow.get(host) ?? 0) + 1
    this.#hostsInWindow.set(host, ofHost)
    if (isLoopbackHost(host) || this.#options.isHonest(address) || ofHost <= HOST_DIALS_MAX) return
    throw new Violation(`${name} dials ${host} over ${HOST_DIALS_MAX} times in 20 s`)
  }
}
