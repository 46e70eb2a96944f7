/** The line to a machine that reads slowly: packets wait for each other at the sender. */

import type { Packet } from './network.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a packet without text takes, in bytes. */
const PACKET_BYTES = 50

export class SlowLine {
  readonly #time: VirtualTime
  /** How fast the machine reads at the moment; undefined: at once. */
  readonly #bytesPerMs: () => number | undefined
  readonly #transmit: (packet: Packet) => void
  readonly #waiting: Packet[] = []

  constructor(
    time: VirtualTime,
    bytesPerMs: () => number | undefined,
    transmit: (packet: Packet) => void,
  ) {
    this.#time = time
    this.#bytesPerMs = bytesPerMs
    this.#transmit = transmit
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  get bytes(): number {
    return this.#waiting.reduce((sum, packet) => sum + bytesOf(packet), 0)
  }

  push(packet: Packet): void {
    this.#waiting.push(packet)
    if (this.#waiting.length === 1) this.#sendFirst()
  }

  /** What has not left is lost, also the packet that has left in part. */
  clear(): void {
    this.#waiting.length = 0
  }

  #sendFirst(): void {
    const [packet] = this.#waiting
    if (packet === undefined) return
    this.#time.after(bytesOf(packet) / (this.#bytesPerMs() ?? Number.POSITIVE_INFINITY), () => {
      // It was lost meanwhile.
      if (this.#waiting[0] !== packet) return
      this.#waiting.shift()
      this.#transmit(packet)
      this.#sendFirst()
    })
  }
}

export function bytesOf(packet: Packet): number {
  return packet.kind === 'text' ? packet.text.length : PACKET_BYTES
}
