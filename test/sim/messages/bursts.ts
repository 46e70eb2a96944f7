/** Publishes what a plan has. */

import type { Place } from '../place.ts'
import { SimNode } from '../sim-node.ts'
import type { VirtualTime } from '../virtual-time.ts'
import type { Burst } from './message-plan.ts'

export function planBursts(
  time: VirtualTime,
  places: readonly Place[],
  bursts: readonly Burst[],
): void {
  for (const { atMs, node, count, bytes, everyMs, topic } of bursts) {
    for (let sent = 0; sent < count; sent += 1) {
      time.at(atMs + sent * everyMs, () => {
        const place = places[node]
        if (place !== undefined) publish(place, bytes, topic)
      })
    }
  }
}

/** The program of a node publishes, once it gets its turn. */
export function publish({ listener }: Place, bytes: number, topic: string): void {
  if (!(listener instanceof SimNode)) return
  listener.receive(() => listener.messages?.publish(bytes, topic))
}
