/**
 * What this node asks. The requests to one process run are a series, sent over one link in the
 * order of their numbers. When that link is gone, those that are open are sent again over the next
 * one, in the same order; whoever answers tells them apart by their numbers.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { Heap } from '../structures/heap.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { cancelText, requestText } from '../wire/request-codec.ts'
import type { Answer } from '../wire/request-messages.ts'
import { GOODBYES_MAX, LINK_WAIT_MS, OPEN_BYTES_MAX, OPEN_MAX } from './limits.ts'
import type { Links } from './links.ts'
import type { Order, Outcome, Question } from './outputs.ts'

/** Who is at an address, or whether a run is linked: its id, or that it takes no requests. */
export type Find = (to: string) => string | 'takes-none' | undefined

interface Asked {
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

/** A process run, or an address while nobody is there. */
interface Target {
  readonly to: string
  readonly series: string
  /** In the order in which they are sent. */
  readonly open: Set<Asked>
  /** What is not on the link. */
  unsent: Set<Asked>
  readonly byNumber: Map<number, Asked>
  lastNumber: number
  bytes: number
  /** The numbers of which the peer is to be told that nobody waits for them. */
  readonly cancelled: Set<number>
  link: LinkId | undefined
  /** Since when it has no link, and whether it had one. */
  lostMs: number
  wasLinked: boolean
}

export interface AskingOptions {
  readonly links: Links
  readonly find: Find
  readonly drawSeries: () => string
  readonly order: Order
}

export class Asking {
  readonly #options: AskingOptions
  readonly #targets = new Map<string, Target>()
  /** Those without a link. */
  readonly #lost = new Set<Target>()
  readonly #asked = new Map<number, Asked>()
  readonly #due = new Heap<Asked>((a, b) => a.deadlineMs < b.deadlineMs)
  /** How many of them are over: they stay until they are at the top, or too many. */
  #over = 0
  /** Process runs that closed their last link because they stop. */
  readonly #goodbyes = new BoundedMap<string, true>(GOODBYES_MAX)
  /** For how long the machine was suspended since the start. */
  #suspendedMs = 0
  #isStopped = false

  constructor(options: AskingOptions) {
    this.#options = options
  }

  ask(id: number, to: string, question: Question, timeoutMs: number, nowMs: number): void {
    const { find, order } = this.#options
    const found = find(to) ?? to
    const settle = (outcome: Outcome): void => order({ kind: 'settle', id, outcome })
    if (this.#isStopped) return settle(STOPPED)
    if (found === 'takes-none') return settle(TAKES_NONE)
    if (this.#goodbyes.has(found)) return settle({ kind: 'gone', because: 'goodbye' })
    const target = this.#targets.get(found) ?? this.#open(found, nowMs)
    if (!hasRoom(target, question)) return settle({ kind: 'full' })
    const deadlineMs = nowMs + timeoutMs
    const asked: Asked = { id, question, deadlineMs, target, sent: undefined, isOpen: true }
    this.#asked.set(id, asked)
    this.#due.push(asked)
    this.#add(target, asked)
    this.#pump(target, nowMs)
  }

  abandon(id: number, nowMs: number): void {
    const asked = this.#asked.get(id)
    if (asked !== undefined) this.#cancel(asked, nowMs)
  }

  answered(link: LinkId, peer: string, n: number, answer: Answer): void {
    const target = this.#targets.get(peer)
    // Another link may be of somebody in its name.
    const asked = target?.link === link ? target.byNumber.get(n) : undefined
    if (asked !== undefined) this.#settle(asked, answer)
  }

  linkReady(peer: string, nowMs: number): void {
    const { find } = this.#options
    this.#goodbyes.delete(peer)
    for (const target of [...this.#lost]) {
      if (target.to === peer) this.#relink(target, nowMs)
      else if (find(target.to) === peer) this.#move(target, peer, nowMs)
    }
  }

  linkGone(link: LinkId, peer: string, isGoodbye: boolean, nowMs: number): void {
    const { links } = this.#options
    // Another link to it may be of somebody in its name, and so may this one.
    const isOver = isGoodbye && links.to(peer) === undefined
    if (isOver) this.#goodbyes.set(peer, true)
    const target = this.#targets.get(peer)
    if (target === undefined || target.link !== link) return
    if (isOver) this.#giveUp(target, { kind: 'gone', because: 'goodbye' })
    else this.#relink(target, nowMs)
  }

  /** The socket of a link has taken something. */
  drained(link: LinkId, peer: string, nowMs: number): void {
    const target = this.#targets.get(peer)
    if (target?.link === link) this.#pump(target, nowMs)
  }

  suspended(totalMs: number): void {
    this.#suspendedMs = totalMs
  }

  stop(): void {
    this.#isStopped = true
    for (const target of [...this.#targets.values()]) this.#giveUp(target, STOPPED)
  }

  deadlineMs(): number | undefined {
    let earliest = this.#due.top?.deadlineMs
    for (const { lostMs } of this.#lost) {
      earliest = Math.min(lostMs + LINK_WAIT_MS, earliest ?? Number.POSITIVE_INFINITY)
    }
    return earliest
  }

  onDeadline(nowMs: number): void {
    for (let asked = this.#due.top; asked !== undefined; asked = this.#due.top) {
      if (asked.deadlineMs > nowMs) break
      this.#cancel(asked, nowMs)
      this.#order(asked, { kind: 'timeout' })
    }
    const { find } = this.#options
    for (const target of [...this.#lost]) {
      if (target.lostMs + LINK_WAIT_MS > nowMs) continue
      const found = target.wasLinked ? undefined : find(target.to)
      if (found === 'takes-none') this.#giveUp(target, TAKES_NONE)
      else if (found !== undefined && found !== target.to) this.#move(target, found, nowMs)
      else this.#giveUp(target, { kind: 'gone', because: target.wasLinked ? 'lost' : 'never' })
    }
  }

  // --- One target --------------------------------------------------------------------------------

  #open(to: string, nowMs: number): Target {
    const { drawSeries, links } = this.#options
    const link = links.to(to)
    const target: Target = {
      to,
      series: drawSeries(),
      open: new Set(),
      unsent: new Set(),
      byNumber: new Map(),
      lastNumber: 0,
      bytes: 0,
      cancelled: new Set(),
      link,
      lostMs: nowMs,
      wasLinked: link !== undefined,
    }
    this.#targets.set(to, target)
    if (link === undefined) this.#lost.add(target)
    return target
  }

  #add(target: Target, asked: Asked): void {
    asked.target = target
    target.open.add(asked)
    target.unsent.add(asked)
    target.bytes += asked.question.bytes
  }

  /** A run is at an address: what was asked there is asked of it. */
  #move(from: Target, peer: string, nowMs: number): void {
    this.#delete(from)
    const target = this.#targets.get(peer) ?? this.#open(peer, nowMs)
    for (const asked of from.open) {
      if (hasRoom(target, asked.question)) this.#add(target, asked)
      else this.#settle(asked, { kind: 'full' })
    }
    this.#pump(target, nowMs)
  }

  /** The link is gone, or there is one again. */
  #relink(target: Target, nowMs: number): void {
    const { links } = this.#options
    target.link = links.to(target.to)
    target.unsent = new Set(target.open)
    if (target.link !== undefined) {
      target.wasLinked = true
      this.#lost.delete(target)
      this.#pump(target, nowMs)
    } else if (target.open.size === 0 && target.cancelled.size === 0) this.#delete(target)
    else {
      target.lostMs = nowMs
      this.#lost.add(target)
    }
  }

  /** Sends as much as the socket takes. */
  #pump(target: Target, nowMs: number): void {
    const { links } = this.#options
    const { byNumber, cancelled, link, series, unsent } = target
    if (link === undefined) return
    for (const n of cancelled) {
      if (!links.hasRoom(link)) return
      links.send(link, cancelText(series, n))
      cancelled.delete(n)
    }
    for (const asked of unsent) {
      if (!links.hasRoom(link)) return
      if (asked.sent === undefined) {
        target.lastNumber += 1
        asked.sent = { n: target.lastNumber, atMs: nowMs, suspendedMs: this.#suspendedMs }
        byNumber.set(target.lastNumber, asked)
      }
      const { question, sent } = asked
      const asleepMs = Math.max(0, this.#suspendedMs - sent.suspendedMs)
      const ageMs = Math.ceil(nowMs - sent.atMs + asleepMs)
      const { topic } = question
      links.send(link, requestText({ series, n: sent.n, ageMs, topic }, question))
      unsent.delete(asked)
    }
  }

  /** It is over here; its peer may carry it out. */
  #cancel(asked: Asked, nowMs: number): void {
    const { sent, target } = asked
    this.#close(asked)
    if (sent === undefined) return
    target.cancelled.add(sent.n)
    this.#pump(target, nowMs)
  }

  #settle(asked: Asked, outcome: Outcome): void {
    this.#close(asked)
    this.#order(asked, outcome)
  }

  #order({ id }: Asked, outcome: Outcome): void {
    const { order } = this.#options
    order({ kind: 'settle', id, outcome })
  }

  #close(asked: Asked): void {
    const { id, question, sent, target } = asked
    asked.isOpen = false
    this.#asked.delete(id)
    target.open.delete(asked)
    target.unsent.delete(asked)
    if (sent !== undefined) target.byNumber.delete(sent.n)
    target.bytes -= question.bytes
    this.#over += 1
    this.#tidy()
  }

  /** What is over is not kept for as long as it might have been waited for. */
  #tidy(): void {
    while (this.#due.top?.isOpen === false) {
      this.#due.pop()
      this.#over -= 1
    }
    if (this.#over <= this.#asked.size) return
    this.#due.clear()
    this.#over = 0
    for (const asked of this.#asked.values()) this.#due.push(asked)
  }

  #giveUp(target: Target, outcome: Outcome): void {
    this.#delete(target)
    for (const asked of [...target.open]) this.#settle(asked, outcome)
  }

  #delete(target: Target): void {
    this.#targets.delete(target.to)
    this.#lost.delete(target)
  }
}

function hasRoom({ bytes, open }: Target, question: Question): boolean {
  return open.size < OPEN_MAX && bytes + question.bytes <= OPEN_BYTES_MAX
}

const STOPPED: Outcome = { kind: 'gone', because: 'stopped' }

const TAKES_NONE: Outcome = {
  kind: 'refusal',
  error: 'NO_RESPONDER',
  text: 'it takes no requests',
}
