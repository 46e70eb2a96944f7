/** The latest joins and leaves, in the words of the log. */

import { logLineFor } from '../log/log-messages.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { RECENT_EVENTS_MAX } from './limits.ts'
import type { RecentEvent } from './status.ts'

export class RecentEvents {
  readonly #entries: { readonly event: MeshEvent; readonly atMs: number }[] = []

  /**
   * Oldest first, at most {@link RECENT_EVENTS_MAX}.
   *
   * @param dateOf a time as ISO 8601
   */
  list(dateOf: (atMs: number) => string): readonly RecentEvent[] {
    return this.#entries.map(({ event, atMs }) => ({
      at: dateOf(atMs),
      text: logLineFor(event).text,
    }))
  }

  /** Keeps an event if it is a join or a leave. */
  observe(event: MeshEvent, atMs: number): void {
    if (event.kind !== 'peer-joined' && event.kind !== 'peer-left') return
    this.#entries.push({ event, atMs })
    if (this.#entries.length > RECENT_EVENTS_MAX) this.#entries.shift()
  }
}
