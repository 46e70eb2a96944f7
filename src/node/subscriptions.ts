/** The subscriptions of a program: iterators that are asked, and handlers that are called. */

import { NodeError } from '../errors/node-error.ts'
import { STEP_MESSAGES_MAX } from '../pubsub/limits.ts'
import { type Pattern, parsePattern } from '../pubsub/pattern.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { UnreadableError } from '../storage/data-errors.ts'
import type { Place } from '../storage/places.ts'
import type { Store } from '../storage/store.ts'
import { HandlerCalls, type HandlerFailure, type Take } from './handler-calls.ts'
import { type Gap, type Message, publicForm } from './messages.ts'
import { type MessageIterator, Reader } from './reader.ts'
import { Progress } from './stored-messages.ts'

/**
 * The pause before a stored file is read again that could not be read, in ms.
 *
 * Larger: the subscription waits although it could go on. Smaller: more events say the same.
 */
const UNREADABLE_RETRY_MS = 1_000

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
  /**
   * With a name, 1 to 64 of a-z, 0-9, dots, hyphens and underscores, the subscription goes on after
   * a restart where its handler had got to; senders that it never had begin with all that is kept,
   * whatever `history` says. The messages of the last moment before a crash may come again. Needs
   * the option `messages.folder`, or DATA. One subscription at a time has the name.
   */
  readonly name?: string | undefined
  /** Called instead of the handler, at the place of what is missing. */
  readonly onGap?: ((gap: Gap) => unknown) | undefined
}

/** A subscription with a name. */
interface Named {
  readonly progress: Progress
  readonly place: Place
}

export interface SubscriptionsOptions {
  readonly pubsub: PubSub
  /** Our own feed. */
  readonly own: string
  readonly addressOf: (feed: string) => string | undefined
  /** Undefined without DATA. */
  readonly store?: Store | undefined
  /** A handler threw; it is called again after `retryInMs`, or never. */
  readonly onError: (failure: HandlerFailure) => void
}

export class Subscriptions {
  readonly #options: SubscriptionsOptions
  readonly #readers = new Set<Reader>()
  /** Each ends a subscription with a handler. */
  readonly #ends = new Set<() => void>()
  #isClosed = false

  constructor(options: SubscriptionsOptions) {
    this.#options = options
  }

  /** @throws {TypeError} when the pattern is none */
  iterate(pattern: string, options: SubscribeOptions): MessageIterator {
    return this.#open(pattern, options)
  }

  /**
   * @throws {TypeError} when the pattern or the name is none
   * @throws {NodeError} DATA_MISSING when it has a name and nothing is stored
   * @throws {Error} when another subscription has the name, or there are 256
   */
  handle(
    pattern: string,
    handler: (message: Message) => unknown,
    options: HandlerOptions,
  ): Disposable {
    const { onError, pubsub } = this.#options
    const { name } = options
    const named = name === undefined ? undefined : this.#named(name, pattern, options)
    const reader = this.#open(pattern, named ? { ...options, history: 'kept' } : options)
    const take: Take = (item) => (item.kind === 'message' ? handler(item) : options.onGap?.(item))
    if (named !== undefined) {
      named.place.update = () => {
        if (reader.isIdle) named.progress.caughtUp(pubsub.ends())
      }
    }
    const end = (): void => {
      named?.place.update()
      reader[Symbol.dispose]()
    }
    this.#ends.add(end)
    const calls = new HandlerCalls({ pattern, take, isOver: () => reader.isDisposed, onError })
    void handleAll(reader, calls, named?.progress).finally(() => {
      this.#ends.delete(end)
      named?.place.close()
    })
    return reader
  }

  /** There may be something new. */
  wake(): void {
    for (const reader of this.#readers) reader.wake()
  }

  /**
   * The node stops: no handler is called any more, and iterators end once they have given what is
   * there.
   */
  close(): void {
    this.#isClosed = true
    for (const end of this.#ends) end()
    for (const reader of this.#readers) reader.end()
  }

  #open(text: string, { history, echo = true, signal }: SubscribeOptions): Reader {
    const { addressOf, own, pubsub } = this.#options
    const pattern = patternOf(text)
    assertHistory(history)
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
    if (this.#isClosed) reader.end()
    return reader
  }

  /** @throws {NodeError} @throws {TypeError} @throws {Error} */
  #named(name: string, text: string, { echo = true }: HandlerOptions): Named {
    const { addressOf, store } = this.#options
    if (store === undefined) throw dataMissing('a subscription with a name')
    if (!/^[a-z0-9_-][a-z0-9._-]{0,63}$/.test(name)) {
      const expected = '1 to 64 of a-z, 0-9, dots, hyphens and underscores'
      throw new TypeError(`the name of a subscription is ${expected}, got ${JSON.stringify(name)}`)
    }
    const pattern = patternOf(text)
    const place = store.openPlace(name)
    return { place, progress: new Progress(store, place, pattern, publicForm(addressOf), echo) }
  }
}

/** One message after the other: the next one waits until the handler is done. */
async function handleAll(reader: Reader, calls: HandlerCalls, progress?: Progress): Promise<void> {
  if (progress !== undefined) await handleEarlier(reader, calls, progress)
  for (;;) {
    const batch = await reader.batch()
    if (batch.length === 0) return
    if (progress === undefined) await takeAll(reader, calls, batch)
    else {
      for (const item of batch) {
        if (reader.isDisposed) return
        await takeStored(reader, calls, progress, () => progress.of(item))
      }
    }
  }
}

/** What was stored in earlier runs. */
async function handleEarlier(
  reader: Reader,
  calls: HandlerCalls,
  progress: Progress,
): Promise<void> {
  for (const feed of progress.feeds()) {
    if (reader.isDisposed) return
    await takeStored(reader, calls, progress, () => progress.earlier(feed))
    // Its files were read in one go.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Items that may be in a file. While that cannot be read, they are looked for again and again. */
async function takeStored(
  reader: Reader,
  calls: HandlerCalls,
  progress: Progress,
  find: () => Iterable<Message | Gap>,
): Promise<void> {
  while (!reader.isDisposed) {
    try {
      return await takeAll(reader, calls, find(), progress)
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error
    }
    // The next try begins after the last message that was handled.
    await new Promise((resolve) => setTimeout(resolve, UNREADABLE_RETRY_MS).unref())
  }
}

async function takeAll(
  reader: Reader,
  calls: HandlerCalls,
  items: Iterable<Message | Gap>,
  progress?: Progress,
): Promise<void> {
  let taken = 0
  for (const item of items) {
    if (reader.isDisposed) return
    const done = calls.take(item)
    if (done !== undefined && !(await done)) return
    progress?.done(item)
    taken += 1
    // There may be many in the folder, and others have their turn, too.
    if (taken % STEP_MESSAGES_MAX === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** @throws {TypeError} when it is none */
function patternOf(text: unknown): Pattern {
  const pattern = typeof text === 'string' ? parsePattern(text) : undefined
  if (pattern !== undefined) return pattern
  const got = JSON.stringify(text)
  throw new TypeError(`a pattern is a topic such as a.b, a.* or a.>, got ${got}`)
}

/** @throws {TypeError} when it is none: nothing would say that the history does not come */
function assertHistory(history: unknown): void {
  if (history === undefined || history === 'run' || history === 'kept') return
  throw new TypeError(`history is run or kept, got ${JSON.stringify(history)}`)
}

/** What a program asks for that needs DATA. */
export function dataMissing(what: string): NodeError {
  const message = `${what} needs a folder; set DATA, or the option messages: { folder: 'data' }`
  return new NodeError('DATA_MISSING', message)
}
