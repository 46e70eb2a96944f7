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
    const bytes = packet.kind === 'text' ? packet.text.length : PACKET_BYTES
    this.#time.after(bytes / (this.#bytesPerMs() ?? Number.POSITIVE_INFINITY), () => {
      // It was lost meanwhile.
      if (this.#waiting[0] !== packet) return
      this.#waiting.shift()
      this.#transmit(packet)
      this.#sendFirst()
    })
  }
}
