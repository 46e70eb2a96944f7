/** The subscriptions of a program: iterators that are asked, and handlers that are called. */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'
import { parsePattern } from '../pubsub/pattern.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { type Gap, type Message, publicForm } from './messages.ts'
import { type MessageIterator, Reader } from './reader.ts'

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

/**
 * How often a handler that throws is called again with the same message, and after how many ms for
 * the first time; each later pause is twice as long: 12.7 s in all.
 *
 * Larger: a message that no call can handle holds up its subscription for longer. Smaller: a
 * database that restarts costs messages.
 */
export const RETRIES_MAX = 7
const RETRY_MS_MIN = 100

type Take = (item: Message | Gap) => unknown

/** What a handler threw. */
export interface HandlerFailure {
  readonly pattern: string
  readonly error: unknown
  readonly item: Message | Gap
  /** Null when it is not called again. */
  readonly retryInMs: number | null
}

/** The error of a handler that is not called again. */
export function handlerError({ pattern, error, item }: HandlerFailure): NodeError {
  const what = item.kind === 'gap' ? 'a gap' : `message ${item.seq} of ${item.from ?? item.feed}`
  const text = `the handler of ${quoted(pattern)} failed with ${what}: ${String(error)}`
  return new NodeError('HANDLER_FAILED', text, { cause: error })
}

export interface SubscriptionsOptions {
  readonly pubsub: PubSub
  /** Our own feed. */
  readonly own: string
  readonly addressOf: (feed: string) => string | undefined
  /** A handler threw; it is called again after `retryInMs`, or never. */
  readonly onError: (failure: HandlerFailure) => void
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
    const take: Take = (item) => (item.kind === 'message' ? handler(item) : options.onGap?.(item))
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
    const form = publicForm(addressOf)
    const without = echo ? undefined : own
    const subscription = pubsub.subscribe(pattern, form, history ?? 'none', without)
    const reader: Reader = new Reader(subscription, () => {
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
  async #run(pattern: string, reader: Reader, take: Take): Promise<void> {
    for (let batch = await reader.batch(); batch.length > 0; batch = await reader.batch()) {
      for (const item of batch) {
        if (reader.isDisposed) return
        const done = this.#tried(pattern, reader, item, take)
        if (done !== undefined) await done
      }
    }
  }

  /** Calls a handler, perhaps again. Undefined when it is done at once. */
  #tried(
    pattern: string,
    reader: Reader,
    item: Message | Gap,
    take: Take,
  ): Promise<void> | undefined {
    try {
      const result = take(item)
      if (!isThenable(result)) return undefined
      return this.#settled(pattern, reader, item, take, Promise.resolve(result))
    } catch (error) {
      return this.#settled(pattern, reader, item, take, Promise.reject(error))
    }
  }

  async #settled(
    pattern: string,
    reader: Reader,
    item: Message | Gap,
    take: Take,
    first: Promise<unknown>,
  ): Promise<void> {
    let call = first
    for (let retries = 0; ; retries += 1) {
      try {
        await call
        return
      } catch (error) {
        const isLast = retries === RETRIES_MAX
        const retryInMs = isLast ? null : RETRY_MS_MIN * 2 ** retries
        this.#options.onError({ pattern, error, item, retryInMs })
        if (retryInMs === null) return
        await new Promise((resolve) => setTimeout(resolve, retryInMs).unref())
        if (reader.isDisposed) return
      }
      // What it throws at once is caught above, too.
      call = Promise.resolve(item).then(take)
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}
