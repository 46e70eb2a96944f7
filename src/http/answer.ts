/** What is answered to a request, and the headers that every answer has. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { ANSWER_MS_MAX } from './limits.ts'

/** One answer. */
export interface Answer {
  readonly status: number
  /** Its Content-Type. */
  readonly type: string
  readonly text: string
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What browsers are told with everything: run and load nothing that is not ours, be shown in no
 * frame, tell no other site whence a link was followed, let no other site load this, keep no copy.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** An answer of one line for people. */
export function line(status: number, text: string, headers: Answer['headers'] = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n`, headers }
}

/** An answer for programs. */
export function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', text: `${JSON.stringify(value)}\n` }
}

/**
 * Sends an answer. Who is refused has to connect anew, which the pace of the port limits; so has
 * who sends a body, which nobody reads.
 */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, type, text, headers } = answer
  const dropLate = setTimeout(() => response.destroy(), ANSWER_MS_MAX)
  response.once('close', () => clearTimeout(dropLate))
  // A caller that hangs up meanwhile is no news.
  response.on('error', () => {})
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    ...(status >= 400 && status !== 503 ? { Connection: 'close' } : {}),
    ...(hasBody(request) ? { Connection: 'close' } : {}),
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
