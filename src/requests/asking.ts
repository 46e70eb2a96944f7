/** What this node asks: which requests are open, of whom, and until when. */

import { BoundedMap } from '../structures/bounded-map.ts'
import { earlier } from '../structures/earlier.ts'
import { Heap } from '../structures/heap.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Answer } from '../wire/request-messages.ts'
import { GOODBYES_MAX, LINK_WAIT_MS } from './limits.ts'
import type { Links } from './links.ts'
import type { GoneBecause, Order, Outcome, Question } from './outputs.ts'
import { type Asked, Target } from './target.ts'

/** Who is at an address, or whether a run is linked: its id, or that it takes no requests. */
export type Find = (to: string) => string | 'takes-none' | undefined

export interface AskingOptions {
  readonly links: Links
  readonly find: Find
  readonly drawSeries: () => string
  readonly order: Order
}

export class Asking {
  readonly #options: AskingOptions
  readonly #targets = new Map<string, Target>()
  /** Those without a link, in the order in which they were lost. */
  readonly #lost = new Set<Target>()
  readonly #asked = new Map<number, Asked>()
  readonly #due = new Heap<Asked>((a, b) => a.deadlineMs < b.deadlineMs)
  /**
   * How many entries of the heap are closed; removed when at the top, or when they outnumber the
   * open ones.
   */
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
    const gone = (because: GoneBecause): void => settle({ kind: 'gone', because, wasSent: false })
    if (this.#isStopped) return gone('stopped')
    if (found === 'takes-none') return settle(TAKES_NONE)
    if (this.#goodbyes.has(found)) return gone('goodbye')
    const target = this.#targets.get(found) ?? this.#open(found, nowMs)
    if (!target.hasRoom(question)) return settle({ kind: 'full' })
    const deadlineMs = nowMs + timeoutMs
    const asked: Asked = { id, question, deadlineMs, target, sent: undefined, isOpen: true }
    this.#asked.set(id, asked)
    this.#due.push(asked)
    target.add(asked)
    this.#pump(target, nowMs)
  }

  abandon(id: number, nowMs: number): void {
    const asked = this.#asked.get(id)
    if (asked !== undefined) this.#cancel(asked, nowMs)
  }

  answered(link: LinkId, peer: string, n: number, answer: Answer): void {
    const target = this.#targets.get(peer)
    // Another link may be an impostor's: ids can be copied.
    const asked = target?.link === link ? target.numbered(n) : undefined
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
    // Either link may be an impostor's.
    const isOver = isGoodbye && links.to(peer) === undefined
    if (isOver) this.#goodbyes.set(peer, true)
    const target = this.#targets.get(peer)
    if (target === undefined || target.link !== link) return
    if (isOver) this.#giveUp(target, 'goodbye')
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
    for (const target of [...this.#targets.values()]) this.#giveUp(target, 'stopped')
  }

  deadlineMs(): number | undefined {
    const [lost] = this.#lost
    return earlier(this.#due.top?.deadlineMs, lost && lost.lostMs + LINK_WAIT_MS)
  }

  onDeadline(nowMs: number): void {
    for (let asked = this.#due.top; asked !== undefined; asked = this.#due.top) {
      if (asked.deadlineMs > nowMs) break
      this.#cancel(asked, nowMs)
      this.#order(asked, { kind: 'timeout', wasSent: asked.sent !== undefined })
    }
    const { find } = this.#options
    for (const target of [...this.#lost]) {
      if (target.lostMs + LINK_WAIT_MS > nowMs) break
      const found = target.wasLinked ? undefined : find(target.to)
      if (found === 'takes-none') this.#giveUp(target, 'takes-none')
      else if (found !== undefined && found !== target.to) this.#move(target, found, nowMs)
      else this.#giveUp(target, target.wasLinked ? 'lost' : 'never')
    }
  }

  // --- One target --------------------------------------------------------------------------------

  #open(to: string, nowMs: number): Target {
    const { drawSeries, links } = this.#options
    const target = new Target(to, drawSeries(), links, nowMs)
    this.#targets.set(to, target)
    if (target.link === undefined) this.#lost.add(target)
    return target
  }

  /** A run is at an address: what was asked there is asked of it. */
  #move(from: Target, peer: string, nowMs: number): void {
    this.#delete(from)
    const target = this.#targets.get(peer) ?? this.#open(peer, nowMs)
    for (const asked of from.open) {
      if (target.hasRoom(asked.question)) target.add(asked)
      else this.#settle(asked, { kind: 'full' })
    }
    this.#pump(target, nowMs)
  }

  /** The link is gone, or there is one again. */
  #relink(target: Target, nowMs: number): void {
    if (target.relink()) {
      this.#lost.delete(target)
      this.#pump(target, nowMs)
    } else if (target.isIdle) this.#delete(target)
    else {
      target.lostMs = nowMs
      this.#lost.delete(target)
      this.#lost.add(target)
    }
  }

  #pump(target: Target, nowMs: number): void {
    target.pump(nowMs, this.#suspendedMs)
  }

  /** It is over here; its peer may carry it out. */
  #cancel(asked: Asked, nowMs: number): void {
    const { sent, target } = asked
    this.#close(asked)
    if (sent === undefined) return
    target.cancel(sent.n)
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
    const { id, target } = asked
    asked.isOpen = false
    this.#asked.delete(id)
    target.close(asked)
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

  #giveUp(target: Target, because: GoneBecause | 'takes-none'): void {
    this.#delete(target)
    for (const asked of [...target.open]) {
      const wasSent = asked.sent !== undefined
      this.#settle(
        asked,
        because === 'takes-none' ? TAKES_NONE : { kind: 'gone', because, wasSent },
      )
    }
  }

  #delete(target: Target): void {
    this.#targets.delete(target.to)
    this.#lost.delete(target)
  }
}

const TAKES_NONE: Outcome = {
  kind: 'refusal',
  error: 'NO_RESPONDER',
  text: 'it takes no requests',
}
