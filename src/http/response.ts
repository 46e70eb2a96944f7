/** Responses, and the headers that all of them have. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { ANSWER_MS_MAX } from './limits.ts'

export interface HttpResponse {
  readonly status: number
  /** Its Content-Type. */
  readonly type: string
  readonly text: string
  /** Besides those that all have. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What browsers must observe: run and load nothing of other sites, show this in no frame, send no
 * Referer, let no other site load this, keep no copy.
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

/** The answer to a HEAD for server-sent events. */
export const NO_EVENTS: HttpResponse = { status: 200, type: 'text/event-stream', text: '' }

/** The headers of server-sent events. */
export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'Content-Type': NO_EVENTS.type,
  // Otherwise nginx buffers a few kilobytes.
  'X-Accel-Buffering': 'no',
}

/** One line for people. */
export function line(
  status: number,
  text: string,
  headers: HttpResponse['headers'] = {},
): HttpResponse {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n`, headers }
}

export function json(status: number, value: unknown): HttpResponse {
  return { status, type: 'application/json', text: `${JSON.stringify(value)}\n` }
}

/**
 * Sends a response. After a refusal the client has to connect again, which the connection rate
 * limit slows down; so does a client that sends a body, unless that was a message (201).
 */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, text, headers }: HttpResponse,
): void {
  // Nobody is left to read it.
  if (response.destroyed) return
  const timer = setTimeout(() => response.destroy(), ANSWER_MS_MAX)
  response.once('close', () => clearTimeout(timer))
  response.on('error', () => {})
  const closes = (status >= 400 && status !== 503) || (status !== 201 && hasBody(request))
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    ...(closes ? { Connection: 'close' } : {}),
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
