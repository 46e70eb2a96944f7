/** What a request about topics names: a topic or a pattern, and where to begin. Pure. */

import type { History } from '../pubsub/subscription.ts'

/** What the paths of topics begin with, and those of requests to peers. */
const TOPICS_PATH = '/topics/'
const REQUESTS_PATH = '/requests/'

export function isTopicsPath(path: string): boolean {
  return path.startsWith(TOPICS_PATH)
}

export function isRequestsPath(path: string): boolean {
  return path.startsWith(REQUESTS_PATH)
}

/**
 * The topic or pattern in a path, percent-decoded. A `>` may be there as it is. Undefined when what
 * is encoded is not UTF-8.
 */
export function topicTextIn(path: string): string | undefined {
  try {
    return decodeURIComponent(path.replace(/^\/\w+\//, ''))
  } catch {
    return undefined
  }
}

/** What `?history=` asks for; undefined when the query is another one. */
export function historyIn(query: string): 'none' | 'run' | 'kept' | undefined {
  if (query === '') return 'none'
  if (query === 'history=run') return 'run'
  return query === 'history=kept' ? 'kept' : undefined
}

/** The id of an event: which run of the node, and where in its log the next event is. */
export function eventId(run: string, position: number, taken: number): string {
  return `${shortRun(run)}-${position}.${taken}`
}

/**
 * Where a client goes on after the last event that it got. An id of another run says nothing of
 * this log: what came since this run started is new to the client, or nearly all of it.
 */
export function placeAfter(lastEventId: string, run: string): History {
  const [, ofRun, position, taken] =
    /^([0-9a-f]{8})-(\d{1,15})\.(\d{1,15})$/.exec(lastEventId) ?? []
  if (ofRun !== shortRun(run)) return 'run'
  return { position: Number(position), taken: Number(taken) }
}

/** Enough of a Mesh-Id to tell the runs of one node apart. */
function shortRun(run: string): string {
  return run.slice(0, 8)
}
