/** What is asked of `/topics/…`: a POST publishes there, a GET follows. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { quoted } from '../log/printable.ts'
import { parsePattern } from '../pubsub/pattern.ts'
import { Followers } from './followers.ts'
import { FOLLOWERS_MAX } from './limits.ts'
import { Publications } from './publications.ts'
import type { BodyReader } from './request-body.ts'
import { line, NO_EVENTS, send } from './response.ts'
import type { TopicFacts } from './site.ts'
import { historyIn, placeAfter, topicTextIn } from './topic-target.ts'

export class Topics {
  /** The id of this run of the node. */
  readonly #run: string
  readonly #publications: Publications
  readonly #followers: Followers

  constructor(facts: TopicFacts, run: string, bodies: BodyReader) {
    this.#run = run
    this.#publications = new Publications(facts.publish, bodies)
    this.#followers = new Followers({ ...facts, run })
  }

  /** Only GET, HEAD and POST. */
  answer(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
    if (request.method !== 'POST') return this.#follow(request, response, path, query)
    if (query !== '') return send(request, response, NO_QUERY)
    this.#publications.answer(request, path).then((answer) => send(request, response, answer))
  }

  /** There may be new messages. */
  wake(): void {
    this.#followers.wake()
  }

  /** The node stops: followers end, and what is not published yet is refused. Idempotent. */
  close(): void {
    this.#followers.close()
    this.#publications.close()
  }

  #follow(request: IncomingMessage, response: ServerResponse, path: string, query: string): void {
    const pattern = parsePattern(topicTextIn(path) ?? '')
    const history = historyIn(query)
    if (pattern === undefined || history === undefined) {
      const problem = pattern ? 'unknown query' : `no pattern in ${quoted(path)}`
      const example = '/topics/a.b, /topics/a.*, /topics/> or /topics/>?history=kept'
      return send(request, response, line(400, `${problem}; write ${example}, or history=run`))
    }
    if (request.method === 'HEAD') {
      return send(request, response, NO_EVENTS)
    }
    if (this.#followers.isFull) {
      const problem = `topics have ${FOLLOWERS_MAX} followers already, or the node stops`
      return send(request, response, line(503, problem, { 'Retry-After': '10' }))
    }
    const lastId = request.headers['last-event-id']
    const from = lastId === undefined ? history : placeAfter(String(lastId), this.#run)
    this.#followers.open(response, pattern, from)
  }
}

const NO_QUERY = line(400, 'a topic to publish to has no query; write /topics/a.b.c')
