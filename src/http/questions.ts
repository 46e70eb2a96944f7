/** `POST /requests/TOPIC?to=PEER`: asks a peer, and answers what it answers. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeError, type NodeErrorCode } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'
import { ITEM_BYTES_MAX } from '../pubsub/limits.ts'
import { TIMEOUT_MS, TIMEOUT_MS_MAX } from '../requests/limits.ts'
import type { Json } from '../wire/feed-messages.ts'
import { isTopic } from '../wire/topic.ts'
import { QUESTIONS_MAX } from './limits.ts'
import { OpenAnswers } from './open-answers.ts'
import { type BodyReader, bodyIn, problemWithBody } from './request-body.ts'
import { type HttpResponse, json, line, send } from './response.ts'
import { topicTextIn } from './topic-target.ts'

/** Asks a peer: an address, or the id of a process. @throws {NodeError} as `MeshNode.request` */
export type AskPeer = (
  peer: string,
  topic: string,
  body: Json | Uint8Array,
  options: { readonly timeoutMs?: number; readonly signal: AbortSignal },
) => Promise<Json | Uint8Array>

/** The requests to peers of all clients. */
export class Questions {
  readonly #means: Means
  readonly #open = new OpenAnswers()
  /** Those that wait for their answers. */
  #waiting = 0

  constructor(ask: AskPeer, bodies: BodyReader) {
    this.#means = { ask, bodies }
  }

  /**
   * Answers once the peer has answered, and gives true; or refuses because too many wait. There is
   * no limit by client: it may ask much at once.
   */
  answer(request: IncomingMessage, response: ServerResponse, target: Target): boolean {
    if (this.#waiting >= QUESTIONS_MAX) {
      send(request, response, TOO_MANY)
      return false
    }
    this.#waiting += 1
    const make = () => answerTo(request, response, target, this.#means)
    this.#open.answer(make, GIVEN_UP).then((made) => {
      this.#waiting -= 1
      send(request, response, made)
    })
    return true
  }

  /** The node stops: all that waits is answered so. Idempotent. */
  close(): void {
    this.#open.close()
  }
}

interface Means {
  readonly ask: AskPeer
  readonly bodies: BodyReader
}

interface Target {
  readonly path: string
  readonly query: string
}

/** Carries out a request, and gives the answer. It is given up when its client is gone. */
async function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  { path, query }: Target,
  { ask, bodies }: Means,
): Promise<HttpResponse> {
  if (request.method !== 'POST') return line(405, 'method not allowed; use POST', { Allow: 'POST' })
  const topic = topicTextIn(path) ?? ''
  const target = targetIn(query)
  if (!isTopic(topic) || target === undefined) {
    const perhaps = `&timeoutMs=${TIMEOUT_MS}, at most ${TIMEOUT_MS_MAX}`
    const example = `/requests/a.b.c?to=ws://localhost:4002, and perhaps ${perhaps}`
    const problem = 'names no topic, peer or time'
    return line(400, `${quoted(`${path}?${query}`)} ${problem}; write ${example}`)
  }
  const controller = new AbortController()
  response.once('close', () => controller.abort())
  const bytes = await bodies.read(request, ITEM_BYTES_MAX)
  if (!Buffer.isBuffer(bytes)) return bytes
  const release = bodies.hold(bytes)
  if (release === undefined) return TOO_MANY
  const { to, timeoutMs } = target
  const options = { signal: controller.signal, ...(timeoutMs !== undefined && { timeoutMs }) }
  try {
    const isNone = bytes.length === 0 && request.headers['content-type'] === undefined
    const body = isNone ? null : bodyIn(bytes, request)
    const answer = await ask(to, topic, body, options)
    const isBytes = answer instanceof Uint8Array
    return json(200, isBytes ? { base64: Buffer.from(answer).toString('base64') } : answer)
  } catch (error) {
    if (controller.signal.aborted) return line(408, 'the client is gone')
    if (!(error instanceof NodeError)) return problemWithBody(error)
    const status = STATUSES[error.code]
    if (status === undefined) throw error
    return line(status, `${error.code}: ${error.message}`)
  } finally {
    release()
  }
}

/** The answer while too much waits. */
const TOO_MANY = line(429, 'TOO_MANY_REQUESTS: too much waits for answers; it did not run')

/** The answer while the node stops. */
const GIVEN_UP = line(502, 'PEER_GONE: this node stops; it may have run')

const STATUSES: Partial<Readonly<Record<NodeErrorCode, number>>> = {
  NO_RESPONDER: 404,
  TOO_MANY_REQUESTS: 429,
  RESPONDER_FAILED: 502,
  PEER_GONE: 502,
  TIMEOUT: 504,
}

function targetIn(query: string): { readonly to: string; readonly timeoutMs?: number } | undefined {
  const { to, timeoutMs, ...others } = Object.fromEntries(new URLSearchParams(query))
  if (to === undefined || to === '' || Object.keys(others).length > 0) return undefined
  if (timeoutMs === undefined) return { to }
  const isInRange = /^[1-9]\d*$/.test(timeoutMs) && Number(timeoutMs) <= TIMEOUT_MS_MAX
  return isInRange ? { to, timeoutMs: Number(timeoutMs) } : undefined
}
