/**
 * Tells screen readers which nodes joined, stopped or were lost, and the state of the mesh when it
 * is another one, a few seconds apart.
 */

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
  /** The state of the mesh, and the one that was told last. */
  #state = ''
  #told = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param element of role status */
  constructor(element: HTMLElement) {
    this.#element = element
  }

  /** Changes from before the first status are not told, nor its state if none was told before. */
  show(log: Status['log'], state: string): void {
    const seen = this.#seen
    this.#seen = new Set(log.map(keyOf))
    if (seen === undefined) this.#told ||= state
    else this.#news.push(...log.filter((entry) => !seen.has(keyOf(entry))).map(({ text }) => text))
    this.say(state)
  }

  /** Tells this state, unless it was told last. */
  say(state: string): void {
    this.#state = state
    if (this.#timer === undefined) this.#tell()
  }

  #tell(): void {
    this.#timer = undefined
    const news = this.#news
    if (news.length === 0 && this.#state === this.#told) return
    this.#news = []
    this.#told = this.#state
    const lines = news.length > ANNOUNCED_LINES_MAX ? [counted(news.length, 'change')] : news
    this.#element.textContent = [...lines, this.#state].join('. ')
    this.#timer = setTimeout(() => this.#tell(), ANNOUNCE_EVERY_MS)
  }
}

function keyOf({ at, text }: Status['log'][number]): string {
  return `${at} ${text}`
}
