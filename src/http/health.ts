/** `/health`, for scripts and for what supervises a node. */

import type { Overview } from '../mesh/overview.ts'
import { isComplete, summaryOf } from './build-status.ts'
import { type HttpResponse, json, line } from './response.ts'

/**
 * 200, and with `?complete` 503 until the mesh is complete. A misspelt query gets 400, since it
 * must not look like success.
 */
export function healthOf(overview: Overview, query: string): HttpResponse {
  const summary = summaryOf(overview)
  switch (query) {
    case '':
      return json(200, { status: 'ok', summary })
    case 'complete':
      return isComplete(overview)
        ? json(200, { status: 'complete', summary })
        : json(503, { status: 'incomplete', summary })
    default:
      return line(400, 'unknown query; /health takes only ?complete')
  }
}
