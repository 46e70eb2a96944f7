/** The latest joins and leaves, in the words of the log. */

import { logLineFor } from '../log/log-messages.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { RECENT_EVENTS_MAX } from './limits.ts'
import type { LogLine } from './status.ts'

/** What a node remembers of who came and went. */
export class RecentEvents {
  readonly #entries: { readonly event: MeshEvent; readonly atMs: number }[] = []

  /**
   * Oldest first, at most {@link RECENT_EVENTS_MAX}. Told in words only now: many come and go while
   * nobody looks.
   *
   * @param dateOf a time as ISO 8601
   */
  lines(dateOf: (atMs: number) => string): readonly LogLine[] {
    return this.#entries.map(({ event, atMs }) => ({
      at: dateOf(atMs),
      text: logLineFor(event).text,
    }))
  }

  /** Takes in an event, if it is one of these. */
  observe(event: MeshEvent, atMs: number): void {
    if (event.kind !== 'peer-joined' && event.kind !== 'peer-left') return
    this.#entries.push({ event, atMs })
    if (this.#entries.length > RECENT_EVENTS_MAX) this.#entries.shift()
  }
}
