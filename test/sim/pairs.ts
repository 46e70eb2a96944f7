/**
 * The connections between our nodes, by pair: which are settled (open in both cores), and whether a
 * pair has two of them for longer than the duplicate rule may take.
 */

import { CONTEST_PAUSE_MS_MIN, LINKS_PER_PEER_MAX } from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS, type Timings } from '../../src/mesh/timings.ts'
import { isCut, type Network, type Socket } from './network.ts'
import type { Process } from './process.ts'
import type { SimNode } from './sim-node.ts'
import type { Tally } from './tally.ts'
import { Violation } from './violation.ts'

/**
 * How long a pair may have two settled connections, in ms. The node with the larger id decides as
 * soon as both are open for it and HANDSHAKE has come, and may probe each older one but the last
 * before. If others claim the address, it dials that first; and again when a probe was not
 * answered, since the link that is closed then may have been that of the owner. 1 ms for rounding.
 */
export function duplicateBoundMs(timings: Timings = DEFAULT_TIMINGS): number {
  const contestMs = CONTEST_PAUSE_MS_MIN + timings.dialTimeoutMs
  return (LINKS_PER_PEER_MAX - 1) * (contestMs + timings.duplicateProbeMs) + 1
}

/** Process numbers stay below this. */
const NUMBERS_MAX = 2 ** 20

/** All pairs. */
export class Pairs {
  readonly #network: Network
  readonly #boundMs: number
  readonly #tally: Tally
  /** The dialers' ends of settled connections. */
  readonly #settled = new Map<number, readonly Socket[]>()
  readonly #keys = new Map<Socket, number>()

  constructor(network: Network, timings: Timings, tally: Tally) {
    this.#network = network
    this.#boundMs = duplicateBoundMs(timings)
    this.#tally = tally
  }

  /** The settled connections between two nodes. */
  between(a: SimNode, b: SimNode): readonly Socket[] {
    return this.#settled.get(keyOf(a.number, b.number)) ?? []
  }

  /**
   * The connection is open for the dialer. For the acceptor it was before, unless it closed at
   * once.
   */
  settle(dialer: SimNode, acceptor: SimNode, socket: Socket): void {
    if (!socket.peer.open || dialer === acceptor) return
    const key = keyOf(dialer.number, acceptor.number)
    this.#tally.connections += 1
    socket.openedMs = this.#network.time.nowMs
    const others = this.#settled.get(key) ?? []
    for (const other of others) this.#watch(dialer, acceptor, [other, socket])
    this.#settled.set(key, [...others, socket])
    this.#keys.set(socket, key)
  }

  /** An end of this connection is about to be closed, because there is another. */
  countDuplicate(socket: Socket): void {
    const near = socket.dial === undefined ? socket.peer : socket
    const key = this.#keys.get(near)
    const all = key === undefined ? [near] : (this.#settled.get(key) ?? [near])
    const older = all.slice(0, all.indexOf(near))
    if (
      older.length > 0 &&
      older.length === all.length - 1 &&
      older.every(silentBefore(near, socket.process)) &&
      !hasNewer(socket)
    ) {
      throw new Violation(`${near.process.name}: a dead link is kept instead of a new one`)
    }
    if (all.some(({ dial }) => dial?.verifies === true)) this.#tally.verificationDuplicates += 1
    else this.#tally.joinDuplicates += 1
  }

  /** An end of a connection is gone. */
  end(socket: Socket): void {
    const near = socket.dial === undefined ? socket.peer : socket
    const key = this.#keys.get(near)
    if (key === undefined) return
    this.#keys.delete(near)
    const rest = (this.#settled.get(key) ?? []).filter((other) => other !== near)
    if (rest.length > 0) this.#settled.set(key, rest)
    else this.#settled.delete(key)
  }

  #watch(dialer: SimNode, acceptor: SimNode, both: readonly [Socket, Socket]): void {
    const decider = dialer.identity.id > acceptor.identity.id ? dialer : acceptor
    const sinceMs = this.#network.time.nowMs
    const check = (): void => {
      if (!both.every((socket) => socket.open && socket.peer.open)) return
      // A frozen node decides nothing; its time begins when it continues.
      if (decider.frozen) return this.#network.time.after(this.#boundMs, check)
      // What was lost may be the HANDSHAKE that it waits for, or the answer to its probe.
      const resentMs = both.flatMap((socket) => [socket.resentMs, socket.peer.resentMs])
      const readyMs = Math.max(sinceMs, decider.thawedMs, ...resentMs)
      if (this.#network.time.nowMs < readyMs + this.#boundMs) {
        return this.#network.time.at(readyMs + this.#boundMs, check)
      }
      throw new Violation(
        `${dialer.name} and ${acceptor.name} keep two connections for over ${this.#boundMs} ms`,
      )
    }
    this.#network.time.after(this.#boundMs, check)
  }
}

/** How long packets may be under way when a connection is cut, in ms. */
const UNDER_WAY_MS = 5_000

/**
 * Whether the older link was already dead for this process when the newer one opened.
 */
function silentBefore(newer: Socket, process: Process): (older: Socket) => boolean {
  return (older) => {
    const there = older.process === process ? older.peer : older
    return (there.cutMs ?? Number.POSITIVE_INFINITY) + UNDER_WAY_MS < newer.openedMs
  }
}

/**
 * Whether this process has a newer connection to the same one, which works. It is not settled while
 * the answer to its dial is under way; and for it a link of an id that has as many as it may gives
 * way.
 */
function hasNewer({ process, peer, link }: Socket): boolean {
  return [...process.sockets].some(
    (other) => other.peer.process === peer.process && other.link > link && !isCut(other),
  )
}

function keyOf(a: number, b: number): number {
  return Math.min(a, b) * NUMBERS_MAX + Math.max(a, b)
}
