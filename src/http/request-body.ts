/** Reads the body of a request. */

import type { IncomingMessage } from 'node:http'
import { ANSWER_MS_MAX, DRAINED_BYTES_MAX } from './limits.ts'
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
        if (bytes > Math.max(bytesMax, DRAINED_BYTES_MAX)) end(tooLong)
      })
    request.once('end', onEnd).once('close', () => end(NOT_COMPLETE))
  })
}

const TOO_SLOW = line(408, `no body within ${ANSWER_MS_MAX / 1000} s`)

/** Nobody is left to read it. */
const NOT_COMPLETE = line(400, 'the body is not complete')
