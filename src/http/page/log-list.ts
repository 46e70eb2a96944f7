/** The joins and leaves, as a list and as sentences for screen readers. */

import type { RecentEvent, Status } from '../status.ts'
import { html, setText } from './elements.ts'
import { clock, counted } from './text-formats.ts'

/** A screen reader takes seconds for a sentence. */
const ANNOUNCE_EVERY_MS = 5000

/** Of more lines only the number is announced. */
const ANNOUNCED_LINES_MAX = 2

export class LogList {
  readonly #list: HTMLElement
  readonly #announced: HTMLElement
  #shown: readonly RecentEvent[] = []
  readonly #unannounced: RecentEvent[] = []
  #summary = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param announced an element of role status */
  constructor(list: HTMLElement, announced: HTMLElement) {
    this.#list = list
    // The keyboard must reach what scrolls.
    list.tabIndex = 0
    this.#announced = announced
  }

  /** Shows the newest line on top. Lines from before the page opened are not announced. */
  show({ log, summary }: Status, nowMs: number): void {
    const seen = new Set(this.#shown.map(keyOf))
    const fresh = log.filter((line) => !seen.has(keyOf(line)))
    if (fresh.length === 0 && log.length === this.#shown.length) return
    if (this.#shown.length > 0 || this.#list.dataset['filled'] === 'yes') this.#announce(fresh)
    this.#list.dataset['filled'] = 'yes'
    this.#summary = summary
    this.#shown = log
    this.#list.replaceChildren(
      ...[...log]
        .reverse()
        .map((line) =>
          html(
            'li',
            fresh.includes(line) ? { class: 'fresh' } : {},
            html('time', { datetime: line.at }, clock(line.at, nowMs)),
            ' ',
            html('span', {}, line.text),
          ),
        ),
    )
  }

  #announce(lines: readonly RecentEvent[]): void {
    this.#unannounced.push(...lines)
    if (this.#timer !== undefined || this.#unannounced.length === 0) return
    this.#setText()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#announce([])
    }, ANNOUNCE_EVERY_MS)
  }

  #setText(): void {
    const lines = this.#unannounced.splice(0)
    const news =
      lines.length > ANNOUNCED_LINES_MAX
        ? counted(lines.length, 'change')
        : lines.map(({ text }) => text).join('. ')
    setText(this.#announced, `${news}. ${this.#summary}`)
  }
}

function keyOf({ at, text }: RecentEvent): string {
  return `${at} ${text}`
}
