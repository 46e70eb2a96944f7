/**
 * `POST /topics/TOPIC`: publishes the body as a message of this node. A client that waits for each
 * answer is never refused; when many send at once, some are read later.
 */

import type { IncomingMessage } from 'node:http'
import { quoted } from '../log/printable.ts'
import { ITEM_BYTES_MAX } from '../pubsub/limits.ts'
import type { Json } from '../wire/feed-messages.ts'
import { isTopic } from '../wire/topic.ts'
import { OpenAnswers } from './open-answers.ts'
import { type BodyReader, bodyIn, problemWithBody } from './request-body.ts'
import { type HttpResponse, json, line } from './response.ts'
import { topicTextIn } from './topic-target.ts'

/** Publishes, and gives which message it is. @throws {RangeError} when it is too large */
export type Publish = (
  topic: string,
  body: Json | Uint8Array,
) => { readonly feed: string; readonly seq: number }

export class Publications {
  readonly #publish: Publish
  readonly #bodies: BodyReader
  readonly #open = new OpenAnswers()

  constructor(publish: Publish, bodies: BodyReader) {
    this.#publish = publish
    this.#bodies = bodies
  }

  /** Carries out a request, and gives the answer. */
  answer(request: IncomingMessage, path: string): Promise<HttpResponse> {
    return this.#open.answer(() => this.#read(request, path), STOPPING)
  }

  /** The node stops: what is not published yet is refused. Idempotent. */
  close(): void {
    this.#open.close()
  }

  async #read(request: IncomingMessage, path: string): Promise<HttpResponse> {
    const topic = topicTextIn(path)
    if (topic === undefined || !isTopic(topic)) {
      return line(400, `${quoted(path)} has no topic; write /topics/a.b.c, 1 to 255 bytes`)
    }
    const bytes = await this.#bodies.read(request, ITEM_BYTES_MAX)
    if (this.#open.isClosed) return STOPPING
    return Buffer.isBuffer(bytes) ? this.#published(topic, bytes, request) : bytes
  }

  #published(topic: string, bytes: Buffer, request: IncomingMessage): HttpResponse {
    try {
      return json(201, this.#publish(topic, bodyIn(bytes, request)))
    } catch (error) {
      return problemWithBody(error)
    }
  }
}

const STOPPING = line(503, 'the node stops; the message was not published')
