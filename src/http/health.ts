/** `/health`, for scripts and for whoever keeps a node running. */

import type { Overview } from '../mesh/overview.ts'
import { type Answer, json, line } from './answer.ts'
import { isComplete, summaryOf } from './status-of.ts'

/**
 * 200 as long as the node answers at all. With `?complete` 503 until there is nothing left to wait
 * for, so that a script can wait for it. A query that is misspelt must not look like success.
 */
export function healthOf(overview: Overview, query: string): Answer {
  const summary = summaryOf(overview)
  switch (query) {
    case '':
      return json(200, { status: 'ok', summary })
    case 'complete':
      return isComplete(overview)
        ? json(200, { status: 'complete', summary })
        : json(503, { status: 'incomplete', summary })
    default:
      return line(400, 'the only query that /health knows is ?complete')
  }
}
