/** The subscriptions of a program: iterators that are asked, and handlers that are called. */

import { STEP_MESSAGES_MAX } from '../pubsub/limits.ts'
import { parsePattern } from '../pubsub/pattern.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { History, Subscription } from '../pubsub/subscription.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { type Gap, type Message, publicForm } from './messages.ts'

export interface SubscribeOptions {
  /**
   * Where to begin: with the messages from now on, the default; with those that were published
   * since this process started (`run`); or with all that this node keeps (`kept`).
   */
  readonly history?: 'run' | 'kept' | undefined
  /** Whether what this node publishes comes, too. By default true. */
  readonly echo?: boolean | undefined
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined
}

export interface HandlerOptions extends SubscribeOptions {
  /** Called instead of the handler, at the place of what is missing. */
  readonly onGap?: ((gap: Gap) => unknown) | undefined
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
    handler: (message: Message) => unknown,
    options: HandlerOptions,
  ): Disposable {
    const reader = this.#open(pattern, options)
    const take = (item: Message | Gap): unknown =>
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
    const form = publicForm(addressOf)
    const subscription = pubsub.subscribe(pattern, form, from, echo ? undefined : own)
    const reader = new Reader(subscription, () => {
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
    take: (item: Message | Gap) => unknown,
  ): Promise<void> {
    for (let batch = await reader.batch(); batch.length > 0; batch = await reader.batch()) {
      for (const item of batch) {
        if (reader.isDisposed) return
        const done = this.#tried(pattern, reader, item, take)
        if (done !== undefined) await done
      }
      // One that is far behind leaves others their turn.
      if (batch.length >= STEP_MESSAGES_MAX) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Calls a handler; when it throws, again and again. Undefined when it is done at once. */
  #tried(
    pattern: string,
    reader: Reader,
    item: Message | Gap,
    take: (item: Message | Gap) => unknown,
  ): Promise<unknown> | undefined {
    try {
      const done = take(item)
      if (!isPromise(done)) return undefined
      return Promise.resolve(done).catch((error: unknown) =>
        this.#retry(pattern, reader, item, take, error),
      )
    } catch (error) {
      return this.#retry(pattern, reader, item, take, error)
    }
  }

  async #retry(
    pattern: string,
    reader: Reader,
    item: Message | Gap,
    take: (item: Message | Gap) => unknown,
    firstError: unknown,
  ): Promise<void> {
    let error = firstError
    for (let retryMs = RETRY_MS_MIN; ; retryMs = Math.min(2 * retryMs, RETRY_MS_MAX)) {
      this.#options.onError(pattern, error, retryMs)
      await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
      if (reader.isDisposed) return
      try {
        await take(item)
        return
      } catch (again) {
        error = again
      }
    }
  }
}

/** What a handler gives may be anything: `(item) => list.push(item)` gives a number. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

class Reader implements MessageIterator {
  readonly #subscription: Subscription<Message | Gap>
  readonly #onDisposed: () => void
  #taken: readonly (Message | Gap)[] = []
  #at = 0
  #waiting: (() => void) | undefined
  #isEnding = false
  isDisposed = false

  constructor(subscription: Subscription<Message | Gap>, onDisposed: () => void) {
    this.#subscription = subscription
    this.#onDisposed = onDisposed
  }

  /** The next messages and gaps; none when the subscription has ended. */
  async batch(): Promise<readonly (Message | Gap)[]> {
    while (!this.isDisposed) {
      const taken = this.#subscription.isBehind ? this.#subscription.take(monotonicMs()) : []
      if (taken.length > 0) return taken
      if (this.#subscription.isBehind) continue
      if (this.#isEnding) break
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
    this[Symbol.dispose]()
    return []
  }

  async next(): Promise<IteratorResult<Message | Gap, undefined>> {
    if (this.#at >= this.#taken.length) {
      this.#taken = await this.batch()
      this.#at = 0
    }
    const value = this.#taken[this.#at]
    this.#at += 1
    return value === undefined ? { done: true, value } : { done: false, value }
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
