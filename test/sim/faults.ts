/** Carries out the faults of a plan. */

import type { Network } from './network.ts'
import type { Place } from './place.ts'
import { PlainPeer } from './plain-peer.ts'
import type { Fault } from './plan.ts'
import type { Random } from './random.ts'
import { SimNode } from './sim-node.ts'

/** The faults. */
export class Faults {
  readonly #network: Network
  readonly #places: readonly Place[]
  readonly #random: Random
  /** Starts the process of a node, unless its port is taken. */
  readonly #start: (index: number) => void

  constructor(
    network: Network,
    places: readonly Place[],
    random: Random,
    start: (index: number) => void,
  ) {
    this.#network = network
    this.#places = places
    this.#random = random
    this.#start = start
  }

  plan(faults: readonly Fault[]): void {
    for (const fault of faults) this.#network.time.at(fault.atMs, () => this.#do(fault))
  }

  #do(fault: Fault): void {
    const { time } = this.#network
    switch (fault.kind) {
      case 'crash':
        for (const index of fault.nodes) {
          const process = this.#places[index]?.listener
          if (fault.losesUnderWay === true && process) this.#network.loseUnderWay(process)
          process?.crash(fault.powerCut)
          time.after(fault.backAfterMs, () => this.#start(index))
        }
        return
      case 'freeze': {
        const process = this.#places[fault.node]?.listener
        process?.freeze()
        return time.after(fault.forMs, () => process?.thaw())
      }
      case 'starve':
        for (const index of fault.nodes) {
          const draw = (): number => this.#random.between(0, fault.pauseMs)
          this.#places[index]?.listener?.starve(fault.forMs, draw)
        }
        return
      case 'partition': {
        const { nodes, oneSided } = fault
        const a = new Set(this.#places.filter(({ index }) => nodes.includes(index)))
        const partition = { a, oneSided }
        this.#network.split(partition)
        return time.after(fault.forMs, () => this.#network.heal(partition))
      }
      case 'cut':
        for (const place of this.#places) this.#cut(place, fault.share, fault.oneWay)
        return
      case 'sever':
        for (const { listener } of this.#places) {
          for (const socket of [...(listener?.sockets ?? [])]) {
            const isOurs = listener instanceof SimNode && socket.peer.process instanceof SimNode
            if (socket.dial === undefined || !isOurs || !this.#random.chance(fault.share)) continue
            this.#network.sever(socket)
          }
        }
        return
      case 'slow': {
        const place = this.#places[fault.node]
        if (place === undefined) return
        place.bytesPerMs = fault.bytesPerMs
        return time.after(fault.forMs, () => {
          place.bytesPerMs = undefined
        })
      }
      case 'hang': {
        const place = this.#places[fault.node]
        if (place === undefined) return
        place.closed = true
        return time.after(fault.forMs, () => {
          place.closed = false
        })
      }
      case 'forget': {
        const [place, other] = [this.#places[fault.node], this.#places[fault.other]]
        if (place === undefined || other === undefined) return
        // Another process may run there by then.
        const told = (): SimNode | undefined =>
          place.listener instanceof SimNode ? place.listener : undefined
        told()?.forget(other.address)
        return time.after(fault.forMs, () => told()?.addPeer(other.address))
      }
      case 'copy':
        // On a machine without power no process starts.
        if (this.#places[fault.node]?.powered === true) this.#start(fault.node)
        return
      default:
        fault satisfies never
    }
  }

  /**
   * A plain peer never detects that a connection is dead, so those that it dialed are not cut.
   */
  #cut({ listener }: Place, share: number, oneWay: boolean): void {
    if (listener === undefined || listener instanceof PlainPeer) return
    const { nowMs } = this.#network.time
    for (const socket of listener.sockets) {
      if (socket.dial === undefined || !this.#random.chance(share)) continue
      const cutsNear = this.#random.chance(0.5)
      if (!oneWay || cutsNear) socket.cutMs ??= nowMs
      if (!oneWay || !cutsNear) socket.peer.cutMs ??= nowMs
    }
  }
}
