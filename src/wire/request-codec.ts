/** Requests and answers to frames and back. What is wrong with one is a text. */

import type { Json } from './feed-messages.ts'
import { isTooDeep } from './nesting.ts'
import type { AnyRequestMessage, Body, Refusal } from './request-messages.ts'
import { isTopic } from './topic.ts'
import { type Data, isId, isMs, isRecord, isWholeNumber } from './validators.ts'

/** The most characters of the text that comes with a refusal. Larger: lines of logs grow. */
export const REFUSAL_CHARS_MAX = 1_024

const REFUSALS = {
  NO_RESPONDER: true,
  PEER_GONE: true,
  RESPONDER_FAILED: true,
  TOO_MANY_REQUESTS: true,
} as const satisfies Record<Refusal, true>

const DECODERS = {
  REQUEST: (data: Data) => {
    const { series, n, ageMs, topic } = data
    const body = bodyIn(data)
    const isWhole = isId(series) && isWholeNumber(n) && n >= 1 && isMs(ageMs) && body !== undefined
    if (!isWhole || typeof topic !== 'string' || !isTopic(topic)) {
      return 'REQUEST data has no series, n, ageMs, topic, and json or base64'
    }
    return { type: 'REQUEST', data: { series, n, ageMs, topic, body } } as const
  },
  RESPONSE: (data: Data) => {
    const { n, error, text } = data
    const body = bodyIn(data)
    if (!isWholeNumber(n)) return 'RESPONSE data has no n'
    if (body !== undefined && error === undefined) {
      return { type: 'RESPONSE', data: { n, answer: { kind: 'answer', body } } } as const
    }
    if (body !== undefined || typeof error !== 'string' || typeof text !== 'string') {
      return 'RESPONSE data has none of json, base64, and error with text'
    }
    // One of a later version, perhaps.
    const refusal = isRefusal(error) ? error : 'RESPONDER_FAILED'
    const answer = { kind: 'refusal', error: refusal, text: cut(text) } as const
    return { type: 'RESPONSE', data: { n, answer } } as const
  },
  CANCEL: (data: Data) => {
    const { series, n } = data
    if (!isId(series) || !isWholeNumber(n)) return 'CANCEL data has no series and n'
    return { type: 'CANCEL', data: { series, n } } as const
  },
} satisfies Record<AnyRequestMessage['type'], (data: Data) => AnyRequestMessage | string>

export function isRequestType(type: string): type is AnyRequestMessage['type'] {
  return Object.hasOwn(DECODERS, type)
}

/** The message with this data, or what is wrong with it. */
export function decodeRequest(
  type: AnyRequestMessage['type'],
  data: unknown,
): AnyRequestMessage | string {
  return isRecord(data) ? DECODERS[type](data) : `${type} data is not an object`
}

/** A body as text: JSON, or the base64 of bytes in quotes. */
export interface BodyText {
  readonly kind: 'json' | 'bytes'
  readonly text: string
}

/** @param ageMs since it was sent for the first time */
export function requestText(
  { series, n, ageMs, topic }: { series: string; n: number; ageMs: number; topic: string },
  body: BodyText,
): string {
  const head = `"series":"${series}","n":${n},"ageMs":${ageMs},"topic":${JSON.stringify(topic)}`
  return `{"type":"REQUEST","data":{${head},${bodyText(body)}}}`
}

export function answerText(n: number, body: BodyText): string {
  return `{"type":"RESPONSE","data":{"n":${n},${bodyText(body)}}}`
}

export function refusalText(n: number, error: Refusal, text: string): string {
  return JSON.stringify({ type: 'RESPONSE', data: { n, error, text: cut(text) } })
}

export function cancelText(series: string, n: number): string {
  return JSON.stringify({ type: 'CANCEL', data: { series, n } })
}

function bodyText({ kind, text }: BodyText): string {
  return kind === 'json' ? `"json":${text}` : `"base64":${text}`
}

function bodyIn({ json, base64 }: Data): Body | undefined {
  if (typeof base64 === 'string') return json === undefined ? { kind: 'bytes', base64 } : undefined
  if (json === undefined || base64 !== undefined || isTooDeep(json)) return undefined
  // All that JSON.parse gives is JSON.
  return { kind: 'json', value: json as Json }
}

function isRefusal(error: string): error is Refusal {
  return Object.hasOwn(REFUSALS, error)
}

function cut(text: string): string {
  return text.slice(0, REFUSAL_CHARS_MAX)
}
