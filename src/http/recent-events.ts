/** The latest joins and leaves, in the words of the log. */

import { logLineFor } from '../log/log-messages.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { Clock } from './clock.ts'
import { RECENT_EVENTS_MAX } from './limits.ts'
import type { RecentEvent } from './status.ts'

export class RecentEvents {
  readonly #entries: { readonly event: MeshEvent; readonly atMs: number }[] = []
  readonly #clock: Pick<Clock, 'nowMs' | 'dateOf'>

  constructor(clock: Pick<Clock, 'nowMs' | 'dateOf'>) {
    this.#clock = clock
  }

  /** Oldest first, at most {@link RECENT_EVENTS_MAX}. */
  list(): readonly RecentEvent[] {
    return this.#entries.map(({ event, atMs }) => ({
      at: this.#clock.dateOf(atMs),
      text: logLineFor(event).text,
    }))
  }

  /** Keeps a join or a leave. */
  add(event: MeshEvent): void {
    this.#entries.push({ event, atMs: this.#clock.nowMs() })
    if (this.#entries.length > RECENT_EVENTS_MAX) this.#entries.shift()
  }
}
