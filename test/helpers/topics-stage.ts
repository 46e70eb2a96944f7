/** The topics of a node over HTTP, for tests. */

import type { ExecutionContext } from 'ava'
import type { HttpHandlerOptions } from '../../src/http/http-handler.ts'
import type { PubSubOptions } from '../../src/pubsub/pubsub-options.ts'
import { handlerFor, type TestHandler } from './http-handler.ts'
import { TestTopics } from './test-topics.ts'

interface Stage {
  readonly http: TestHandler
  readonly topics: TestTopics
  /** What was published, as subscriptions get it. */
  bodies(): readonly unknown[]
}

export async function stageFor(
  t: ExecutionContext,
  options: Partial<HttpHandlerOptions> = {},
  bounds: Partial<PubSubOptions> = {},
): Promise<Stage> {
  const topics = new TestTopics(1, bounds)
  const http = await handlerFor(t, { topics: topics.facts(), ...options })
  topics.onNews = () => http.handler.wake()
  return { http, topics, bodies: () => topics.published() }
}

export function post(http: TestHandler, path: string, body: string, type?: string) {
  const headers = { ...(type && { 'content-type': type }) }
  return http.ask(path, { method: 'POST', body, headers })
}
