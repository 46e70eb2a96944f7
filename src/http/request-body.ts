/** Reads the bodies of requests, and what is wrong with one. */

import type { IncomingMessage } from 'node:http'
import type { Json } from '../wire/feed-messages.ts'
import {
  ANSWER_MS_MAX,
  BODIES_MAX,
  BODY_PIECES_MAX,
  DRAINED_BYTES_MAX,
  QUESTIONS_BYTES_MAX,
} from './limits.ts'
import { type HttpResponse, line } from './response.ts'

/**
 * The whole body, or the refusal. What is too long is read to its end, unless that is too long,
 * too: most clients look for an answer only then.
 */
export function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Buffer | HttpResponse> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const end = (body: Buffer | HttpResponse): void => {
      clearTimeout(timer)
      resolve(body)
    }
    const timer = setTimeout(() => end(TOO_SLOW), ANSWER_MS_MAX)
    const tooLong = line(413, `the body has more than ${bytesMax} bytes`)
    const onEnd = (): void => end(bytes > bytesMax ? tooLong : Buffer.concat(chunks))
    if (request.destroyed) return end(NOT_COMPLETE)
    request
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= bytesMax) chunks.push(chunk)
        else chunks.length = 0
        if (chunks.length > BODY_PIECES_MAX) chunks.splice(0, Infinity, Buffer.concat(chunks))
        if (bytes > Math.max(bytesMax, DRAINED_BYTES_MAX)) end(tooLong)
      })
    request.once('end', onEnd).once('close', () => end(NOT_COMPLETE))
  })
}

const TOO_SLOW = line(408, `no body within ${ANSWER_MS_MAX / 1000} s`)

/** Nobody is left to read it. */
const NOT_COMPLETE = line(400, 'the body is not complete')

/** Reads so many bodies at the same time; the others wait. */
export class BodyReader {
  #reading = 0
  #heldBytes = 0
  readonly #waiting: (() => void)[] = []

  async read(request: IncomingMessage, bytesMax: number): Promise<Buffer | HttpResponse> {
    if (this.#reading < BODIES_MAX) this.#reading += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const body = await bodyOf(request, bytesMax)
    const next = this.#waiting.shift()
    if (next === undefined) this.#reading -= 1
    else next()
    return body
  }

  /** Room for a body until the function is called that this returns, or undefined. */
  hold({ length }: Buffer): (() => void) | undefined {
    if (this.#heldBytes + length > QUESTIONS_BYTES_MAX) return undefined
    this.#heldBytes += length
    return () => {
      this.#heldBytes -= length
    }
  }
}

/**
 * The body of a message or request: JSON or bytes when the request says so, else text, whatever
 * type programs send by default.
 *
 * @throws {SyntaxError} when it is not JSON
 * @throws {TypeError} when it is not UTF-8
 */
export function bodyIn(bytes: Buffer, { headers }: IncomingMessage): Json | Uint8Array {
  const [media = ''] = (headers['content-type'] ?? '').split(';')
  const type = media.trim().toLowerCase()
  if (type === 'application/octet-stream') return bytes
  const text = textIn(bytes)
  return type === 'application/json' ? JSON.parse(text) : text
}

/** The refusal of what was thrown for a body. */
export function problemWithBody(error: unknown): HttpResponse {
  if (error instanceof RangeError) return line(413, error.message)
  if (error instanceof SyntaxError) return line(400, `the body is not JSON: ${error.message}`)
  if (error instanceof TypeError) return line(400, error.message)
  throw error
}

function textIn(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new TypeError('the body is not UTF-8; send bytes as application/octet-stream')
  }
}
