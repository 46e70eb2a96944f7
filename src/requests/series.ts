/**
 * The series in which requests of peers come: on which links each of them came, and for how long it
 * is remembered without one.
 */

import { earlier } from '../structures/earlier.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { LINK_WAIT_MS, SERIES_KEPT_MAX, SERIES_KEPT_MS } from './limits.ts'
import type { Call } from './outputs.ts'

/** An answer that was not sent, or may have been lost. */
export interface Kept {
  readonly series: Series
  readonly n: number
  readonly text: string
  /** When it was sent for the last time. */
  sentMs: number
}

export interface Series {
  readonly name: string
  /** On which links it came, in this order: who asks has left all but the last. */
  readonly links: Set<LinkId>
  /** What was sent before this may have come in a series that is forgotten. */
  readonly knownSinceMs: number
  /** Since when it has no link. */
  lostMs: number
  /** The largest number that came. */
  seen: number
  readonly running: Map<number, { readonly call: Call; readonly chars: number }>
  readonly answers: Map<number, Kept>
  /** Those of them that are not sent, in their order. */
  readonly unsent: Set<number>
  /** Of what is running and of the answers. */
  chars: number
}

export class SeriesTable {
  readonly #series = new Map<string, Series>()
  /** Each link has one series. */
  readonly #byLink = new Map<LinkId, Series>()
  /** Those without a link, the one first that lost it first. */
  readonly #lost = new Set<Series>()
  /** Those of them of which only the number is kept, in the same order. */
  readonly #past = new Set<Series>()
  /**
   * The latest time at which a series that was dropped because of `SERIES_KEPT_MAX` had lost its
   * link.
   */
  #forgottenMs = Number.NEGATIVE_INFINITY

  all(): readonly Series[] {
    return [...this.#series.values()]
  }

  named(name: string): Series | undefined {
    return this.#series.get(name)
  }

  on(link: LinkId): Series | undefined {
    return this.#byLink.get(link)
  }

  /** The series that came on a link; undefined when that has another one. */
  at(link: LinkId, name: string, nowMs: number): Series | undefined {
    const found = this.#byLink.get(link) ?? this.#series.get(name)
    const series = found ?? this.#open(name, nowMs)
    if (series.name !== name) return undefined
    this.#series.set(name, series)
    this.#byLink.set(link, series)
    series.links.add(link)
    this.#lost.delete(series)
    this.#past.delete(series)
    return series
  }

  /** Gives the series that has to be deleted, if too many are without a link now. */
  linkGone(link: LinkId, nowMs: number): Series | undefined {
    const series = this.#byLink.get(link)
    this.#byLink.delete(link)
    if (series === undefined) return undefined
    series.links.delete(link)
    if (series.links.size > 0) return undefined
    series.lostMs = nowMs
    this.#lost.add(series)
    if (this.#lost.size + this.#past.size <= SERIES_KEPT_MAX) return undefined
    const [oldest] = this.#past.size > 0 ? this.#past : this.#lost
    if (oldest !== undefined) this.#forgottenMs = Math.max(this.#forgottenMs, oldest.lostMs)
    return oldest
  }

  delete(series: Series): void {
    for (const link of series.links) this.#byLink.delete(link)
    this.#lost.delete(series)
    this.#past.delete(series)
    this.#series.delete(series.name)
  }

  deadlineMs(): number | undefined {
    const [lost] = this.#lost
    const [past] = this.#past
    return earlier(lost && lost.lostMs + LINK_WAIT_MS, past && past.lostMs + SERIES_KEPT_MS)
  }

  /** Those whose requests whoever asked has given up by now. Each once. */
  *givenUp(nowMs: number): Iterable<Series> {
    for (const series of this.#lost) {
      if (series.lostMs + LINK_WAIT_MS > nowMs) return
      this.#lost.delete(series)
      this.#past.add(series)
      yield series
    }
  }

  /** Those that are to be deleted by now. */
  *outdated(nowMs: number): Iterable<Series> {
    for (const series of this.#past) {
      if (series.lostMs + SERIES_KEPT_MS > nowMs) return
      yield series
    }
  }

  #open(name: string, nowMs: number): Series {
    return {
      name,
      links: new Set(),
      knownSinceMs: Math.max(nowMs - SERIES_KEPT_MS, this.#forgottenMs),
      lostMs: nowMs,
      seen: 0,
      running: new Map(),
      answers: new Map(),
      unsent: new Set(),
      chars: 0,
    }
  }
}
