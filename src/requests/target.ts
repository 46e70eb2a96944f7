/**
 * Whom this node asks: a process run, or an address while nobody is there. Its requests are a
 * series, sent over one link in the order of their numbers. The next link gets those that are open
 * once more, in the same order; whoever answers tells them apart by their numbers.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { cancelText, requestText } from '../wire/request-codec.ts'
import { CANCELS_MAX, OPEN_BYTES_MAX, OPEN_MAX } from './limits.ts'
import type { Links } from './links.ts'
import type { Question } from './outputs.ts'

export interface Asked {
  readonly id: number
  readonly question: Question
  readonly deadlineMs: number
  target: Target
  sent: Sending | undefined
  isOpen: boolean
}

/** The first time that it was sent. */
interface Sending {
  /** Its number in the series. */
  readonly n: number
  readonly atMs: number
  /** How long the machine had been suspended. */
  readonly suspendedMs: number
}

export class Target {
  readonly to: string
  /** In the order in which they are sent. */
  readonly open = new Set<Asked>()
  link: LinkId | undefined
  /** Since when it has no link, and whether it had one. */
  lostMs: number
  wasLinked: boolean
  readonly #series: string
  readonly #links: Links
  /** What is not on the link. */
  #unsent = new Set<Asked>()
  readonly #byNumber = new Map<number, Asked>()
  #lastNumber = 0
  #bytes = 0
  /** The numbers of which the peer is to be told that nobody waits for them. */
  readonly #cancelled = new BoundedMap<number, true>(CANCELS_MAX)

  constructor(to: string, series: string, links: Links, nowMs: number) {
    this.to = to
    this.#series = series
    this.#links = links
    this.link = links.to(to)
    this.lostMs = nowMs
    this.wasLinked = this.link !== undefined
  }

  hasRoom({ bytes }: Question): boolean {
    return this.open.size < OPEN_MAX && this.#bytes + bytes <= OPEN_BYTES_MAX
  }

  add(asked: Asked): void {
    asked.target = this
    this.open.add(asked)
    this.#unsent.add(asked)
    this.#bytes += asked.question.bytes
  }

  /** The request with this number, while it is open. */
  numbered(n: number): Asked | undefined {
    return this.#byNumber.get(n)
  }

  close(asked: Asked): void {
    const { question, sent } = asked
    this.open.delete(asked)
    this.#unsent.delete(asked)
    if (sent !== undefined) this.#byNumber.delete(sent.n)
    this.#bytes -= question.bytes
  }

  /** Nobody waits for the answer to a number any more. */
  cancel(n: number): void {
    this.#cancelled.set(n, true)
  }

  /** The link is gone, or there is one again. Returns whether there is one. */
  relink(): boolean {
    this.link = this.#links.to(this.to)
    this.#unsent = new Set(this.open)
    this.wasLinked ||= this.link !== undefined
    return this.link !== undefined
  }

  /** Whether nothing waits for a link. */
  get isIdle(): boolean {
    return this.open.size === 0 && this.#cancelled.size === 0
  }

  /** Sends as much as the socket takes. */
  pump(nowMs: number, suspendedMs: number): void {
    const { link } = this
    const links = this.#links
    if (link === undefined) return
    for (const [n] of this.#cancelled) {
      if (!links.hasRoom(link)) return
      links.send(link, cancelText(this.#series, n))
      this.#cancelled.delete(n)
    }
    for (const asked of this.#unsent) {
      if (!links.hasRoom(link)) return
      const sent = asked.sent ?? this.#number(asked, nowMs, suspendedMs)
      const { question } = asked
      const asleepMs = Math.max(0, suspendedMs - sent.suspendedMs)
      const ageMs = Math.ceil(nowMs - sent.atMs + asleepMs)
      const head = { series: this.#series, n: sent.n, ageMs, topic: question.topic }
      links.send(link, requestText(head, question))
      this.#unsent.delete(asked)
    }
  }

  #number(asked: Asked, atMs: number, suspendedMs: number): Sending {
    this.#lastNumber += 1
    const sent = { n: this.#lastNumber, atMs, suspendedMs }
    asked.sent = sent
    this.#byNumber.set(sent.n, asked)
    return sent
  }
}
