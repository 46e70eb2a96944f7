/** `/health`: for probes, and for scripts that wait until the mesh is complete. Pure. */

import type { Overview } from '../mesh/overview.ts'
import { type HttpResponse, json, line } from './response.ts'
import { summaryOf } from './status-document.ts'

/**
 * 200, and with `?complete` 503 until the mesh is complete; with `?complete&nodes=3` also until so
 * many nodes are connected, this one counted. A misspelt query gets 400, since it must not look
 * like success.
 */
export function healthOf(overview: Overview, query: string): HttpResponse {
  const summary = summaryOf(overview)
  if (query === '') return json(200, { status: 'ok', summary })
  const match = /^complete(?:&nodes=([1-9]\d{0,4}))?$/.exec(query)
  if (match === null) {
    return line(400, 'unknown query; /health takes ?complete or ?complete&nodes=3')
  }
  const connected = 1 + overview.nodes.filter(({ state }) => state.kind === 'connected').length
  if (overview.completeness.kind !== 'complete') return json(503, { status: 'incomplete', summary })
  const nodes = Number(match[1] ?? 1)
  if (connected >= nodes) return json(200, { status: 'complete', summary })
  const awaited = `${connected} of ${nodes} nodes connected`
  return json(503, { status: 'incomplete', summary: awaited })
}
