/** Tells screen readers which nodes joined, stopped or were lost, a few seconds apart. */

import type { Status } from '../status.ts'
import { counted } from './model/text-formats.ts'

/** A screen reader takes seconds for a sentence. */
const ANNOUNCE_EVERY_MS = 5000

/** Of more lines only the number is announced. */
const ANNOUNCED_LINES_MAX = 2

export class Announcer {
  readonly #element: HTMLElement
  #seen: ReadonlySet<string> | undefined
  #news: string[] = []
  #summary = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param element of role status */
  constructor(element: HTMLElement) {
    this.#element = element
  }

  /** Changes from before the first status are not told. */
  show({ log, summary }: Status): void {
    const seen = this.#seen
    this.#seen = new Set(log.map(keyOf))
    this.#summary = summary
    if (seen === undefined) return
    this.#news.push(...log.filter((entry) => !seen.has(keyOf(entry))).map(({ text }) => text))
    if (this.#timer === undefined) this.#tell()
  }

  #tell(): void {
    this.#timer = undefined
    const news = this.#news
    if (news.length === 0) return
    this.#news = []
    const text =
      news.length > ANNOUNCED_LINES_MAX ? counted(news.length, 'change') : news.join('. ')
    this.#element.textContent = `${text}. ${this.#summary}`
    this.#timer = setTimeout(() => this.#tell(), ANNOUNCE_EVERY_MS)
  }
}

function keyOf({ at, text }: Status['log'][number]): string {
  return `${at} ${text}`
}
