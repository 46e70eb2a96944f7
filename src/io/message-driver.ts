/**
 * The driver of messages: carries facts about links to the core of messages, and its frames to
 * their sockets. What is published in one turn of the event loop is sent at its end.
 */

import type { LinkId } from '../mesh/inputs.ts'
import type { EncodedItem } from '../pubsub/item.ts'
import type { PubSubInput } from '../pubsub/outputs.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { LinkFact } from '../wire/link-facts.ts'
import { TIMER_MS_MAX } from './limits.ts'

/** How long to wait for the sockets between two looks, in ms. */
const FLUSH_LOOK_MS = 5

export interface MessageSockets {
  /** Sends a frame; `onTaken` is called once its bytes have left this process. */
  send(link: LinkId, text: string, onTaken: (() => void) | undefined): void
  /** What the peer of a link has not read, in bytes. */
  unsentBytes(link: LinkId): number
}

export class MessageDriver {
  readonly #pubsub: PubSub
  readonly #sockets: MessageSockets
  readonly #onChanged: () => void
  /** The links that are ready for messages. */
  readonly #links = new Set<LinkId>()
  #isTurnOpen = false
  #timer: NodeJS.Timeout | undefined
  #armedForMs: number | undefined

  /** @param onChanged called when there may be something for local subscriptions */
  constructor(pubsub: PubSub, sockets: MessageSockets, onChanged: () => void) {
    this.#pubsub = pubsub
    this.#sockets = sockets
    this.#onChanged = onChanged
  }

  /** Takes an item to send at the end of the turn, and gives its number. */
  publish(item: EncodedItem): number {
    const seq = this.#pubsub.publish(item)
    this.#endTurnSoon()
    return seq
  }

  handle(fact: LinkFact): void {
    if (fact.kind === 'link-ready') this.#links.add(fact.link)
    this.#input(fact)
  }

  /** A link is gone. Harmless for one that was never ready. */
  linkGone(link: LinkId): void {
    if (this.#links.delete(link)) this.#input({ kind: 'link-gone', link })
  }

  /** Resolves when the sockets of all links have taken all that was published before. */
  async flush(): Promise<void> {
    // Then nothing was published, and what else is unsent does not matter.
    if (this.#pubsub.nextSeq === 1) return
    this.#endTurn()
    while ([...this.#links].some((link) => this.#isBehind(link))) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_LOOK_MS))
    }
  }

  #isBehind(link: LinkId): boolean {
    return this.#pubsub.lag(link, monotonicMs()).items > 0 || this.#sockets.unsentBytes(link) > 0
  }

  #endTurnSoon(): void {
    if (this.#isTurnOpen) return
    this.#isTurnOpen = true
    setImmediate(() => this.#endTurn())
  }

  #endTurn(): void {
    this.#isTurnOpen = false
    this.#input({ kind: 'turn-ended' })
  }

  #input(input: PubSubInput): void {
    for (const { link, text, awaitsDrain } of this.#pubsub.handle(input, monotonicMs())) {
      const onTaken = (): void => {
        if (this.#links.has(link)) this.#input({ kind: 'link-drained', link })
      }
      this.#sockets.send(link, text, awaitsDrain ? onTaken : undefined)
    }
    this.#onChanged()
    if (this.#pubsub.isTurnOpen) this.#endTurnSoon()
    this.#arm()
  }

  #arm(): void {
    const deadlineMs = this.#pubsub.deadlineMs()
    // A deadline that moved back is found when the timer of the old one fires.
    if (deadlineMs === undefined || deadlineMs >= (this.#armedForMs ?? Number.POSITIVE_INFINITY)) {
      return
    }
    clearTimeout(this.#timer)
    this.#armedForMs = deadlineMs
    const waitMs = Math.min(Math.max(0, Math.ceil(deadlineMs - monotonicMs())), TIMER_MS_MAX)
    this.#timer = setTimeout(() => {
      this.#armedForMs = undefined
      this.#input({ kind: 'deadline' })
    }, waitMs)
    // It frees memory and tells others; a program that is done need not wait for it.
    this.#timer.unref()
  }
}
