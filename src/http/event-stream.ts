/**
 * The feed: server-sent events (WHATWG HTML §9.2) for pages that want to see changes at once. Each
 * event is the whole status, so a listener that is slow misses some and is none the worse. Nothing
 * is looked at while nobody listens.
 */

import type { ServerResponse } from 'node:http'
import { SECURITY_HEADERS } from './answer.ts'
import {
  EVENT_STREAM_CLIENTS_MAX,
  EVENT_STREAM_KEEP_ALIVE_MS,
  EVENT_STREAM_PACE_MS,
  EVENT_STREAM_RETRY_MS,
} from './limits.ts'

/** What a feed works with. */
export interface EventStreamOptions {
  /** What there is to see; another value means that there is news. */
  readonly fingerprint: () => string
  /** The status as one line of JSON. */
  readonly document: () => string
  /** The first listener came, or the last one went. */
  readonly onWatchers: (isWatched: boolean) => void
  /** Default {@link EVENT_STREAM_PACE_MS}. */
  readonly paceMs?: number
  /** Default {@link EVENT_STREAM_KEEP_ALIVE_MS}. */
  readonly keepAliveMs?: number
}

/** One page that listens. */
class Listener {
  readonly #response: ServerResponse
  /** It has not read yet what it was sent, so nothing more is sent. */
  isBusy = false
  /** There was news meanwhile. */
  isBehind = false
  /** It was busy already at the last sign of life, and has read nothing since. */
  isStuck = false

  constructor(response: ServerResponse, onDrain: (listener: Listener) => void) {
    this.#response = response
    response.on('drain', () => {
      this.isBusy = false
      this.isStuck = false
      if (this.isBehind) onDrain(this)
    })
  }

  write(text: string): void {
    this.isBusy = !this.#response.write(text)
  }

  drop(): void {
    this.#response.destroy()
  }
}

/** Everybody who listens. */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #listeners = new Set<Listener>()
  #timers: readonly NodeJS.Timeout[] = []
  #shown = ''
  #isClosed = false

  constructor(options: EventStreamOptions) {
    this.#options = options
  }

  /** Whether nobody else can listen. */
  get isFull(): boolean {
    return this.#isClosed || this.#listeners.size >= EVENT_STREAM_CLIENTS_MAX
  }

  /** Takes in a listener, unless the feed is full. */
  open(response: ServerResponse): void {
    const listener = new Listener(response, (behind) => this.#show(behind))
    response.on('error', () => {})
    response.once('close', () => this.#forget(listener))
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'Content-Type': 'text/event-stream',
      // nginx would keep events until it has a few kilobytes of them.
      'X-Accel-Buffering': 'no',
    })
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#begin()
    listener.write(`retry: ${EVENT_STREAM_RETRY_MS}\n\n`)
    this.#show(listener)
  }

  /** Ends all connections, for good. Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const listener of [...this.#listeners]) {
      this.#forget(listener)
      listener.drop()
    }
  }

  #begin(): void {
    const {
      paceMs = EVENT_STREAM_PACE_MS,
      keepAliveMs = EVENT_STREAM_KEEP_ALIVE_MS,
      onWatchers,
    } = this.#options
    this.#shown = this.#options.fingerprint()
    this.#timers = [
      setInterval(() => this.#look(), paceMs).unref(),
      setInterval(() => this.#keepAlive(), keepAliveMs).unref(),
    ]
    onWatchers(true)
  }

  #forget(listener: Listener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
    for (const timer of this.#timers) clearInterval(timer)
    this.#options.onWatchers(false)
  }

  #look(): void {
    const fingerprint = this.#options.fingerprint()
    if (fingerprint === this.#shown) return
    this.#shown = fingerprint
    const event = this.#event()
    for (const listener of this.#listeners) {
      if (listener.isBusy) listener.isBehind = true
      else listener.write(event)
    }
  }

  #show(listener: Listener): void {
    listener.isBehind = false
    if (listener.isBusy) listener.isBehind = true
    else listener.write(this.#event())
  }

  /** A comment says that we are there. Who has not read since the last one is there no more. */
  #keepAlive(): void {
    for (const listener of this.#listeners) {
      if (listener.isStuck) listener.drop()
      else if (listener.isBusy) listener.isStuck = true
      else listener.write(': still here\n\n')
    }
  }

  #event(): string {
    return `event: status\ndata: ${this.#options.document()}\n\n`
  }
}
