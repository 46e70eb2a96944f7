/**
 * Requests and their answers as one node sees them: a state machine without I/O. A request is
 * carried out at most once; whoever asked is told when it cannot be said whether it was.
 */

import { earlier } from '../structures/earlier.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { Answering } from './answering.ts'
import { Asking, type AskingOptions } from './asking.ts'
import { Links } from './links.ts'
import type { RequestInput, RequestOutput } from './outputs.ts'

export type RequestsOptions = Pick<AskingOptions, 'find' | 'drawSeries'>

export class Requests {
  readonly #links: Links
  readonly #asking: Asking
  readonly #answering: Answering
  #outputs: RequestOutput[] = []
  #isStopped = false

  constructor(options: RequestsOptions) {
    const order = (output: RequestOutput): void => {
      this.#outputs.push(output)
    }
    this.#links = new Links(order)
    this.#asking = new Asking({ ...options, links: this.#links, order })
    this.#answering = new Answering(this.#links, order)
  }

  handle(input: RequestInput, nowMs: number): readonly RequestOutput[] {
    this.#take(input, nowMs)
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  /** When to call `handle({ kind: 'deadline' })` at the latest, or undefined for never. */
  deadlineMs(): number | undefined {
    return earlier(this.#asking.deadlineMs(), this.#answering.deadlineMs())
  }

  #take(input: RequestInput, nowMs: number): void {
    switch (input.kind) {
      case 'link-ready':
        this.#links.opened(input.link, input.peer, input.verified)
        return this.#asking.linkReady(input.peer, nowMs)
      case 'link-verified':
        return this.#links.verified(input.link)
      case 'link-gone': {
        const peer = this.#links.closed(input.link)
        if (peer === undefined) return
        this.#answering.linkGone(input.link, nowMs)
        return this.#asking.linkGone(input.link, peer, input.isGoodbye, nowMs)
      }
      case 'frame-taken':
        this.#links.taken(input.link, input.chars)
        return this.#drained(input.link, nowMs)
      case 'request-received':
        return this.#onMessage(input, nowMs)
      case 'asked':
        return this.#asking.ask(input.id, input.to, input.question, input.timeoutMs, nowMs)
      case 'abandoned':
        return this.#asking.abandon(input.id, nowMs)
      case 'replied':
        return this.#answering.replied(input.call, input.reply, nowMs)
      case 'suspended':
        return this.#asking.suspended(input.totalMs)
      case 'stopped':
        this.#isStopped = true
        this.#asking.stop()
        return this.#answering.stop()
      case 'deadline':
        this.#asking.onDeadline(nowMs)
        return this.#answering.onDeadline(nowMs)
      default:
        input satisfies never
    }
  }

  #onMessage(
    { link, chars, message }: Extract<RequestInput, { kind: 'request-received' }>,
    nowMs: number,
  ): void {
    const peer = this.#links.peerOf(link)
    if (peer === undefined || this.#isStopped) return
    switch (message.type) {
      case 'REQUEST':
        return this.#answering.received({ link, chars }, message, nowMs)
      case 'RESPONSE':
        return this.#asking.answered(link, peer, message.data.n, message.data.answer)
      case 'CANCEL':
        return this.#answering.cancelled(message.data.series, message.data.n)
      default:
        message satisfies never
    }
  }

  #drained(link: LinkId, nowMs: number): void {
    const peer = this.#links.peerOf(link)
    if (peer === undefined) return
    this.#answering.drained(link, nowMs)
    this.#asking.drained(link, peer, nowMs)
  }
}
