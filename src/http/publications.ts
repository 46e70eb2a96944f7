/**
 * `POST /topics/TOPIC`: publishes the body as a message of this node. A client that waits for each
 * answer is never refused; when many send at once, some are read later.
 */

import type { IncomingMessage } from 'node:http'
import { quoted } from '../log/printable.ts'
import { ITEM_BYTES_MAX } from '../pubsub/limits.ts'
import type { Json } from '../wire/feed-messages.ts'
import { isTopic } from '../wire/topic.ts'
import { PUBLICATIONS_MAX } from './limits.ts'
import { bodyOf } from './request-body.ts'
import { type HttpResponse, json, line } from './response.ts'
import { topicTextIn } from './topic-target.ts'

/** Publishes, and gives which message it is. @throws {RangeError} when it is too large */
export type Publish = (
  topic: string,
  body: Json | Uint8Array,
) => { readonly feed: string; readonly seq: number }

export class Publications {
  readonly #publish: Publish
  /** Those that are not answered. */
  readonly #open = new Set<(answer: HttpResponse) => void>()
  #reading = 0
  /** Those that are read later. */
  readonly #waiting: (() => void)[] = []
  #isClosed = false

  constructor(publish: Publish) {
    this.#publish = publish
  }

  /** Carries out a request, and gives the answer. */
  answer(request: IncomingMessage, path: string): Promise<HttpResponse> {
    return new Promise((resolve) => {
      this.#open.add(resolve)
      this.#read(request, path).then((answer) => {
        this.#open.delete(resolve)
        resolve(answer)
      })
    })
  }

  /** The node stops: what is not published yet is refused. Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const resolve of this.#open) resolve(STOPPING)
  }

  async #read(request: IncomingMessage, path: string): Promise<HttpResponse> {
    const topic = topicTextIn(path)
    if (topic === undefined || !isTopic(topic)) {
      return line(400, `${quoted(path)} has no topic; write /topics/a.b.c, 1 to 255 bytes`)
    }
    if (this.#reading < PUBLICATIONS_MAX) this.#reading += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const bytes = await bodyOf(request, ITEM_BYTES_MAX)
    const next = this.#waiting.shift()
    if (next === undefined) this.#reading -= 1
    else next()
    if (this.#isClosed) return STOPPING
    return Buffer.isBuffer(bytes) ? this.#published(topic, bytes, request) : bytes
  }

  #published(topic: string, bytes: Buffer, { headers }: IncomingMessage): HttpResponse {
    const type = headers['content-type'] ?? ''
    try {
      return json(201, this.#publish(topic, bodyIn(bytes, type)))
    } catch (error) {
      if (error instanceof RangeError) return line(413, error.message)
      if (error instanceof SyntaxError) return line(400, `the body is not JSON: ${error.message}`)
      if (error instanceof TypeError) return line(400, NOT_TEXT)
      throw error
    }
  }
}

/**
 * The body of a message: JSON or bytes when the request says so, else text, whatever type programs
 * send by default.
 *
 * @throws {SyntaxError} when it is not JSON
 * @throws {TypeError} when it is not UTF-8
 */
function bodyIn(bytes: Buffer, type: string): Json | Uint8Array {
  const [media = ''] = type.split(';')
  if (media.trim().toLowerCase() === 'application/octet-stream') return bytes
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  return media.trim().toLowerCase() === 'application/json' ? JSON.parse(text) : text
}

const STOPPING = line(503, 'the node stops; the message was not published')

const NOT_TEXT = 'the body is not UTF-8; send bytes as application/octet-stream'
