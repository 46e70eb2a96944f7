/** The subscriptions of a program: iterators that are asked, and handlers that are called. */

import type { PubSub } from '../pubsub/pubsub.ts'
import type { History, Subscription } from '../pubsub/subscription.ts'
import { parsePattern } from '../pubsub/topic.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { type Gap, type Message, publicForm } from './messages.ts'

export interface SubscribeOptions {
  /**
   * Where to begin: with the messages from now on, the default; with those that were published since
   * this process started (`run`); or with all that this node keeps (`kept`).
   */
  readonly history?: 'run' | 'kept'
  /** Whether what this node publishes comes, too. By default true. */
  readonly echo?: boolean
  /** Ends the subscription. */
  readonly signal?: AbortSignal
}

export interface HandlerOptions extends SubscribeOptions {
  /** Called instead of the handler, at the place of what is missing. */
  readonly onGap?: (gap: Gap) => void | Promise<void>
}

/** A subscription that is asked for its messages. It lags behind whoever does not ask. */
export interface MessageIterator
  extends AsyncIterableIterator<Message | Gap, undefined>,
    Disposable {}

/** The least and the most time before a handler that threw is called again, in ms. */
const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 10_000

export interface SubscriptionsOptions {
  readonly pubsub: PubSub
  /** Our own feed. */
  readonly own: string
  readonly addressOf: (feed: string) => string | undefined
  /** A handler threw; it is called again after `retryInMs`. */
  readonly onError: (pattern: string, error: unknown, retryInMs: number) => void
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #readers = new Set<Reader>()

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  /** @throws {TypeError} when the pattern is none */
  iterate(pattern: string, options: SubscribeOptions): MessageIterator {
    return this.#open(pattern, options)
  }

  /** @throws {TypeError} when the pattern is none */
  handle(
    pattern: string,
    handler: (message: Message) => void | Promise<void>,
    options: HandlerOptions,
  ): Disposable {
    const reader = this.#open(pattern, options)
    const take = (item: Message | Gap): void | Promise<void> =>
      item.kind === 'message' ? handler(item) : options.onGap?.(item)
    void this.#run(pattern, reader, take)
    return reader
  }

  /** There may be something new. */
  wake(): void {
    for (const reader of this.#readers) reader.wake()
  }

  /** The node stops: iterators end once they have given what is there. */
  close(): void {
    for (const reader of this.#readers) reader.end()
  }

  #open(text: string, { history, echo = true, signal }: SubscribeOptions): Reader {
    const { addressOf, own, pubsub } = this.#options
    const pattern = parsePattern(text)
    if (pattern === undefined) {
      const got = JSON.stringify(text)
      throw new TypeError(`a pattern is a topic such as a.b, a.* or a.>, got ${got}`)
    }
    const from: History = history ?? 'none'
    const subscription = pubsub.subscribe(pattern, from, echo ? undefined : own)
    const reader = new Reader(subscription, addressOf, () => {
      pubsub.unsubscribe(subscription)
      this.#readers.delete(reader)
      signal?.removeEventListener('abort', dispose)
    })
    const dispose = (): void => reader[Symbol.dispose]()
    this.#readers.add(reader)
    if (signal?.aborted === true) dispose()
    else signal?.addEventListener('abort', dispose)
    return reader
  }

  /** One message after the other: the next one waits until the handler is done. */
  async #run(
    pattern: string,
    reader: Reader,
    take: (item: Message | Gap) => void | Promise<void>,
  ): Promise<void> {
    for await (const item of reader) {
      for (let retryMs = RETRY_MS_MIN; ; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
        try {
          const done = take(item)
          if (done !== undefined) await done
          break
        } catch (error) {
          this.#options.onError(pattern, error, retryMs)
          await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
          if (reader.isDisposed) return
        }
      }
    }
  }
}

class Reader implements MessageIterator {
  readonly #subscription: Subscription
  readonly #addressOf: (feed: string) => string | undefined
  readonly #onDisposed: () => void
  #taken: readonly (Message | Gap)[] = []
  #at = 0
  #waiting: (() => void) | undefined
  #isEnding = false
  isDisposed = false

  constructor(
    subscription: Subscription,
    addressOf: (feed: string) => string | undefined,
    onDisposed: () => void,
  ) {
    this.#subscription = subscription
    this.#addressOf = addressOf
    this.#onDisposed = onDisposed
  }

  async next(): Promise<IteratorResult<Message | Gap, undefined>> {
    for (;;) {
      const item = this.#taken[this.#at]
      if (item !== undefined) {
        this.#at += 1
        return { done: false, value: item }
      }
      if (this.isDisposed || (this.#isEnding && !this.#subscription.isBehind)) break
      if (this.#subscription.isBehind) {
        const taken = this.#subscription.take(monotonicMs())
        this.#taken = taken.map((delivery) => publicForm(delivery, this.#addressOf))
        this.#at = 0
      } else {
        await new Promise<void>((resolve) => {
          this.#waiting = resolve
        })
      }
    }
    this[Symbol.dispose]()
    return { done: true, value: undefined }
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
