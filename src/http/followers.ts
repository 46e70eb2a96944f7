/**
 * `GET /topics/PATTERN`: messages as server-sent events (WHATWG HTML §9.2). Each follower is a
 * cursor into the log: nothing is queued for one that does not read, and what the log drops
 * meanwhile becomes a gap.
 */

import type { ServerResponse } from 'node:http'
import type { Pattern } from '../pubsub/pattern.ts'
import type { Form, History, Subscription } from '../pubsub/subscription.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { Run } from '../wire/feed-messages.ts'
import {
  EVENT_STREAM_KEEP_ALIVE_MS,
  EVENT_STREAM_RETRY_MS,
  FOLLOWERS_CHARS_MAX,
  FOLLOWERS_MAX,
  FOLLOWERS_STEPS_MAX,
} from './limits.ts'
import { EVENT_STREAM_HEADERS } from './response.ts'
import { eventId } from './topic-target.ts'

/** What followers need of a node. */
export interface FollowersOptions {
  /** The id of this run of the node. */
  readonly run: string
  readonly subscribe: (pattern: Pattern, form: Form<string>, from: History) => Subscription<string>
  readonly unsubscribe: (subscription: Subscription<string>) => void
  /** The address of the owner of a feed, if it is known. */
  readonly addressOf: (feed: string) => string | undefined
  /** Default {@link EVENT_STREAM_KEEP_ALIVE_MS}. */
  readonly keepAliveMs?: number
}

export class Followers {
  readonly #options: FollowersOptions
  readonly #followers = new Set<Follower>()
  #timer: NodeJS.Timeout | undefined
  #isTurnDue = false
  #isClosed = false

  constructor(options: FollowersOptions) {
    this.#options = options
  }

  /** Whether no other follower can be added. */
  get isFull(): boolean {
    return this.#isClosed || this.#followers.size >= FOLLOWERS_MAX
  }

  /** Adds a follower. Only when not {@link isFull}. */
  open(response: ServerResponse, pattern: Pattern, from: History): void {
    const { keepAliveMs = EVENT_STREAM_KEEP_ALIVE_MS } = this.#options
    const follower = new Follower(response, this.#options, pattern, from)
    this.#followers.add(follower)
    response.once('close', () => this.#remove(follower))
    response.on('drain', () => {
      follower.drained()
      this.wake()
    })
    this.#timer ??= setInterval(() => this.#keepAlive(), keepAliveMs).unref()
    this.wake()
  }

  /** There may be something new. */
  wake(): void {
    if (this.#isTurnDue) return
    const nowMs = monotonicMs()
    let steps = 0
    let chars = 0
    for (const follower of this.#followers) {
      if (!follower.mayGoOn) continue
      if (steps >= FOLLOWERS_STEPS_MAX || chars >= FOLLOWERS_CHARS_MAX) return this.#wakeSoon()
      steps += 1
      chars += follower.send(nowMs)
      // Behind the others, and then it may go on.
      this.#followers.delete(follower)
      this.#followers.add(follower)
    }
  }

  /** Links have their turn first. */
  #wakeSoon(): void {
    this.#isTurnDue = true
    setImmediate(() => {
      this.#isTurnDue = false
      this.wake()
    })
  }

  /** Closes all connections and accepts no more. Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const follower of [...this.#followers]) {
      this.#remove(follower)
      follower.end()
    }
  }

  #remove(follower: Follower): void {
    if (!this.#followers.delete(follower)) return
    this.#options.unsubscribe(follower.subscription)
    if (this.#followers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #keepAlive(): void {
    for (const follower of this.#followers) follower.keepAlive()
  }
}

class Follower {
  readonly subscription: Subscription<string>
  readonly #response: ServerResponse
  readonly #run: string
  /** It has not read all that was sent, so nothing more is sent. */
  #isBusy = false

  constructor(
    response: ServerResponse,
    { run, subscribe, addressOf }: FollowersOptions,
    pattern: Pattern,
    from: History,
  ) {
    this.#run = run
    this.#response = response
    this.subscription = subscribe(
      pattern,
      {
        message: ({ feed, from: start, relayed }, { bodies, topic }, at, seq, age) => {
          const body = bodyText(bodies, at)
          const { position } = this.subscription.place
          const from = addressOf(feed) ?? null
          const facts = JSON.stringify({ from, feed, seq, ageMs: Math.round(age), relayed })
          const data = `{"topic":${JSON.stringify(topic)},"body":${body},${facts.slice(1)}`
          return `id: ${eventId(run, position, seq - start + 1)}\ndata: ${data}\n\n`
        },
        // Without an id: whoever connects again after it gets it again.
        gap: ({ feed, first, last }) => {
          const from = addressOf(feed) ?? null
          return `event: gap\ndata: ${JSON.stringify({ from, feed, first, last })}\n\n`
        },
      },
      from,
    )
    response.on('error', () => {})
    response.writeHead(200, EVENT_STREAM_HEADERS)
    response.write(`retry: ${EVENT_STREAM_RETRY_MS}\n${this.#idLine()}`)
  }

  /** Whether it lacks something, and reads. */
  get mayGoOn(): boolean {
    return !this.#isBusy && this.subscription.isBehind
  }

  /** Sends what an entry of the log has for it, and gives how many characters that are. */
  send(nowMs: number): number {
    const text = this.subscription.take(nowMs, 1).join('')
    if (text !== '') this.#isBusy = !this.#response.write(text)
    return text.length
  }

  drained(): void {
    this.#isBusy = false
  }

  /** Tells it its place, which moves on also while no topic matches. */
  keepAlive(): void {
    if (!this.#isBusy && !this.subscription.isBehind) this.#response.write(this.#idLine())
  }

  end(): void {
    this.#response.destroy()
  }

  #idLine(): string {
    const { position, taken } = this.subscription.place
    return `id: ${eventId(this.#run, position, taken)}\n\n`
  }
}

function bodyText(bodies: Run['bodies'], at: number): string {
  if (bodies.kind === 'bytes') return JSON.stringify({ base64: bodies.base64[at] })
  return JSON.stringify(bodies.values[at] ?? null)
}
