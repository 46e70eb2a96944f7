/** The packets that are under way, each with the connection that it is of. */

import type { Flight, Socket } from '../../sim/network.ts'
import type { Process } from '../../sim/process.ts'

export interface FlightOfLink extends Flight {
  /** The dialer's end of its connection; undefined for a dial, which has none yet. */
  readonly dialerEnd: Socket | undefined
}

export class UnderWay {
  #flights: FlightOfLink[] = []
  /** Ends that have sent a close or a reset: their processes do not have them any more. */
  readonly #closed = new Set<Socket>()

  get flights(): readonly FlightOfLink[] {
    return this.#flights
  }

  /** A packet leaves now. */
  add(flight: Flight, sender: Process | undefined): void {
    const end = flight.packet.kind === 'dial' ? undefined : this.#endOf(flight, sender)
    this.#flights.push({ ...flight, dialerEnd: end && dialerEndOf(end) })
    if (end !== undefined && isEnding(flight)) this.#closed.add(end)
  }

  /** Forgets what has arrived. */
  settle(nowMs: number): void {
    this.#flights = this.#flights.filter(({ arrivalMs }) => arrivalMs > nowMs)
    for (const end of this.#closed) {
      const lastMs = Math.max(end.lastArrivalMs, end.peer.lastArrivalMs)
      if (!end.open && !end.peer.open && lastMs <= nowMs) this.#closed.delete(end)
    }
  }

  /** The end whose last packet this is: the network has set its time just now. */
  #endOf({ to, arrivalMs }: Flight, sender: Process | undefined): Socket | undefined {
    const isIt = ({ peer, lastArrivalMs }: Socket) =>
      lastArrivalMs === arrivalMs && peer.process.place === to
    for (const end of sender?.sockets ?? []) if (isIt(end)) return end
    for (const end of this.#closed) if (isIt(end)) return end
    return undefined
  }
}

/** Each connection has one, whoever closed first. */
export function dialerEndOf(end: Socket): Socket {
  return end.dial === undefined ? end.peer : end
}

export function isEnding({ packet }: Flight): boolean {
  return packet.kind === 'close' || packet.kind === 'reset'
}
