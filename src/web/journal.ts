/** The latest joins and leaves, in the words of the log. */

import { narrate } from '../io/narration.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { JOURNAL_LINES_MAX } from './limits.ts'
import type { LogLine } from './status.ts'

/** What a node remembers of who came and went. */
export class Journal {
  readonly #lines: LogLine[] = []

  /** Oldest first, at most {@link JOURNAL_LINES_MAX}. */
  get lines(): readonly LogLine[] {
    return this.#lines
  }

  /** Takes in an event, if it is one of these. `at` is when it happened, as ISO 8601. */
  observe(event: MeshEvent, at: string): void {
    if (event.kind !== 'peer-joined' && event.kind !== 'peer-left') return
    this.#lines.push({ at, text: narrate(event).text })
    if (this.#lines.length > JOURNAL_LINES_MAX) this.#lines.shift()
  }
}
