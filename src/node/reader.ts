/** A reader of a subscription: an async iterator whose messages are taken in steps. */

import type { Subscription } from '../pubsub/subscription.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { Gap, Message } from './messages.ts'

/** A subscription that is asked for its messages. It lags behind whoever does not ask. */
export interface MessageIterator
  extends AsyncIterableIterator<Message | Gap, undefined>,
    AsyncDisposable,
    Disposable {}

export class Reader implements MessageIterator {
  readonly #subscription: Subscription<Message | Gap>
  readonly #onDisposed: () => void
  #taken: readonly (Message | Gap)[] = []
  #at = 0
  /** The next messages, for all who ask for one meanwhile. */
  #filling: Promise<void> | undefined
  #waiting: (() => void) | undefined
  /** Whether somebody waits for a batch. */
  #isAsked = false
  #isEnding = false
  /** Whether others have their turn first: this one is far behind. */
  #yields = false
  isDisposed = false

  constructor(subscription: Subscription<Message | Gap>, onDisposed: () => void) {
    this.#subscription = subscription
    this.#onDisposed = onDisposed
  }

  /** The next messages and gaps; none when the subscription has ended. */
  async batch(): Promise<readonly (Message | Gap)[]> {
    this.#isAsked = true
    while (!this.isDisposed) {
      if (this.#yields) await new Promise((resolve) => setImmediate(resolve))
      if (this.isDisposed) break
      const taken = this.#subscription.isBehind ? this.#subscription.take(monotonicMs()) : []
      this.#yields = this.#subscription.isBehind
      if (taken.length > 0) {
        this.#isAsked = false
        return taken
      }
      if (this.#yields) continue
      if (this.#isEnding) break
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
    this[Symbol.dispose]()
    return []
  }

  /** Also when it is called again before the last call has its message: each gets the next one. */
  async next(): Promise<IteratorResult<Message | Gap, undefined>> {
    for (;;) {
      const value = this.#taken[this.#at]
      if (value !== undefined) {
        this.#at += 1
        return { done: false, value }
      }
      if (this.isDisposed) return { done: true, value: undefined }
      this.#filling ??= this.#fill()
      await this.#filling
    }
  }

  async #fill(): Promise<void> {
    const taken = await this.batch()
    this.#filling = undefined
    if (this.isDisposed) return
    this.#taken = taken
    this.#at = 0
  }

  async return(): Promise<IteratorResult<Message | Gap, undefined>> {
    this[Symbol.dispose]()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  [Symbol.dispose](): void {
    if (this.isDisposed) return
    this.isDisposed = true
    this.#taken = []
    this.#onDisposed()
    this.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
  }

  /** Whether whoever takes its batches is done with all that there is. */
  get isIdle(): boolean {
    return this.#isAsked && !this.#subscription.isBehind
  }

  /** Ends once what is there was given. */
  end(): void {
    this.#isEnding = true
    this.wake()
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}
