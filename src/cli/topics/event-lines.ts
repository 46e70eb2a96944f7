/** Messages and gaps as lines: columns for people, JSON objects for programs. Pure. */

import { type Style, styled, timeOfDay } from '../../log/log.ts'
import { escapedJson, printable } from '../../log/printable.ts'
import type { ServerEvent } from './server-events.ts'

export interface LineOptions {
  readonly coloured: boolean
  readonly now: Date
}

/** Makes lines for people. Columns grow with what they have shown. */
export class EventColumns {
  #topicWidth = 0
  #fromWidth = 0

  line(event: ServerEvent, { coloured, now }: LineOptions): string {
    const facts = factsOf(event)
    const paint = (style: Style, text: string) => styled(coloured ? style : undefined, text)
    const sender = facts.text('from') ?? facts.text('feed')?.slice(0, FEED_CHARS) ?? '?'
    const ageMs = Number(facts.get('ageMs') ?? 0)
    const time = paint('dim', timeOfDay(new Date(now.getTime() - ageMs)))
    const isGap = event.name === 'gap'
    const topic = isGap ? 'gap' : printable(facts.text('topic') ?? '?')
    this.#topicWidth = widened(this.#topicWidth, topic)
    this.#fromWidth = widened(this.#fromWidth, sender)
    const place = `${topic.padEnd(this.#topicWidth)}  ${printable(sender).padEnd(this.#fromWidth)}`
    if (!isGap) return `${time}  ${place}  ${bodyOf(facts.get('body'))}`
    const [first, last] = ['first', 'last'].map((name) => printable(String(facts.get(name))))
    const missing = `${first} to ${last} will not come`
    return `${time}  ${paint('yellow', `${place}  ${missing}`)}`
  }
}

/** A line for programs: the event with its kind. */
export function jsonLine(event: ServerEvent): string {
  const kind = event.name === 'gap' ? 'gap' : 'message'
  return escapedJson(JSON.stringify({ kind, ...factsOf(event).all }))
}

/** The data of an event, which any program may have sent. */
function factsOf({ data = '' }: ServerEvent) {
  let parsed: unknown
  try {
    parsed = JSON.parse(data)
  } catch {
    // Shown with what is known of it: nothing.
  }
  const all: Readonly<Record<string, unknown>> =
    typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  const get = (name: string): unknown => all[name]
  const text = (name: string): string | undefined => {
    const value = all[name]
    return typeof value === 'string' ? value : undefined
  }
  return { all, get, text }
}

function bodyOf(body: unknown): string {
  const text = printable(typeof body === 'string' ? body : JSON.stringify(body ?? null))
  return text.length > BODY_CHARS_MAX ? `${text.slice(0, BODY_CHARS_MAX)}…` : text
}

/** A wide column is not made wider: what is longer moves its line. */
function widened(width: number, text: string): number {
  return Math.max(width, Math.min(text.length, COLUMN_CHARS_MAX))
}

const COLUMN_CHARS_MAX = 24

/** Longest body on a terminal, in characters. Larger: one message fills many screens. */
const BODY_CHARS_MAX = 1_000

/** Enough of a feed to tell senders apart. */
const FEED_CHARS = 8
