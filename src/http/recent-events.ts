/** The latest joins and leaves, in the words of the log. */

import { narrate } from '../log/log-messages.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { JOURNAL_LINES_MAX } from './limits.ts'
import type { LogLine } from './status.ts'

/** What a node remembers of who came and went. */
export class Journal {
  readonly #entries: { readonly event: MeshEvent; readonly atMs: number }[] = []

  /**
   * Oldest first, at most {@link JOURNAL_LINES_MAX}. Told in words only now: many come and go while
   * nobody looks.
   *
   * @param dateOf a time as ISO 8601
   */
  lines(dateOf: (atMs: number) => string): readonly LogLine[] {
    return this.#entries.map(({ event, atMs }) => ({
      at: dateOf(atMs),
      text: narrate(event).text,
    }))
  }

  /** Takes in an event, if it is one of these. */
  observe(event: MeshEvent, atMs: number): void {
    if (event.kind !== 'peer-joined' && event.kind !== 'peer-left') return
    this.#entries.push({ event, atMs })
    if (this.#entries.length > JOURNAL_LINES_MAX) this.#entries.shift()
  }
}
