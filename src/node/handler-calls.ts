/** The calls of a handler: again with what it threw for, after longer and longer pauses. */

import { NodeError } from '../errors/node-error.ts'
import { stringOf } from '../errors/system-error.ts'
import { quoted } from '../log/printable.ts'
import type { Gap, Message } from './messages.ts'

/**
 * How often a handler that throws is called again with the same message, and after how many ms for
 * the first time; each later pause is twice as long: 12.7 s in all.
 *
 * Larger: a message that no call can handle holds up its subscription for longer. Smaller: a
 * database that restarts costs messages.
 */
export const RETRIES_MAX = 7
export const RETRY_MS_MIN = 100

export type Take = (item: Message | Gap) => unknown

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
  const text = `the handler of ${quoted(pattern)} failed with ${what}: ${stringOf(error)}`
  return new NodeError('HANDLER_FAILED', text, { cause: error })
}

export interface HandlerCallsOptions {
  readonly pattern: string
  readonly take: Take
  /** Whether the subscription has ended, and nothing is called any more. */
  readonly isOver: () => boolean
  /** It threw; it is called again after `retryInMs`, or never. */
  readonly onError: (failure: HandlerFailure) => void
}

export class HandlerCalls {
  readonly #options: HandlerCallsOptions

  constructor(options: HandlerCallsOptions) {
    this.#options = options
  }

  /**
   * Calls the handler, and again while it throws. Undefined when it returned without a promise.
   * Else resolves with false if the subscription ended first, so that the item is not done.
   */
  take(item: Message | Gap): Promise<boolean> | undefined {
    try {
      const result = this.#options.take(item)
      if (!isThenable(result)) return undefined
      return this.#settled(item, Promise.resolve(result))
    } catch (error) {
      return this.#settled(item, Promise.reject(error))
    }
  }

  async #settled(item: Message | Gap, first: Promise<unknown>): Promise<boolean> {
    const { isOver, onError, pattern, take } = this.#options
    let call = first
    for (let retries = 0; ; retries += 1) {
      try {
        await call
        return true
      } catch (error) {
        // It is not called again, so nothing is to be told of that.
        if (isOver()) return false
        const isLast = retries === RETRIES_MAX
        const retryInMs = isLast ? null : RETRY_MS_MIN * 2 ** retries
        onError({ pattern, error, item, retryInMs })
        if (retryInMs === null) return true
        await new Promise((resolve) => setTimeout(resolve, retryInMs).unref())
        if (isOver()) return false
      }
      // What it throws at once is caught above, too.
      call = Promise.resolve(item).then(take)
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}
