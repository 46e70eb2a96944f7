/**
 * `/events`: server-sent events (WHATWG HTML §9.2). Each carries the whole status, so a client that
 * reads slowly may miss some. Without clients nothing is computed.
 */

import type { ServerResponse } from 'node:http'
import {
  EVENT_STREAM_CLIENTS_MAX,
  EVENT_STREAM_KEEP_ALIVE_MS,
  EVENT_STREAM_PACE_MS,
  EVENT_STREAM_RETRY_MS,
} from './limits.ts'
import { EVENT_STREAM_HEADERS } from './response.ts'

/** The intervals default to those of limits.ts. */
export interface EventStreamOptions {
  /** Another value means that the status changed. */
  readonly fingerprint: () => string
  /** The status as one line of JSON. */
  readonly document: () => string
  /** The first client connected, or the last one disconnected. */
  readonly onActive: (isActive: boolean) => void
  readonly paceMs?: number
  readonly keepAliveMs?: number
}

interface Client {
  readonly response: ServerResponse
  /** It has not read all that was sent, so nothing more is sent. */
  isBusy: boolean
  /** The status changed while it was busy. */
  isBehind: boolean
  /** It was busy at the last keep-alive, and has been since. */
  isStuck: boolean
}

export class EventStream {
  readonly #options: EventStreamOptions
  readonly #clients = new Set<Client>()
  #timers: readonly NodeJS.Timeout[] = []
  #fingerprint = ''
  #isClosed = false

  constructor(options: EventStreamOptions) {
    this.#options = options
  }

  /** Whether no other client can be added. */
  get isFull(): boolean {
    return this.#isClosed || this.#clients.size >= EVENT_STREAM_CLIENTS_MAX
  }

  /** Adds a client. Only when not {@link isFull}. */
  open(response: ServerResponse): void {
    const client: Client = { response, isBusy: false, isBehind: false, isStuck: false }
    response.on('error', () => {})
    response.once('close', () => this.#remove(client))
    response.on('drain', () => {
      client.isBusy = false
      client.isStuck = false
      if (client.isBehind) send(client, this.#event())
    })
    response.writeHead(200, EVENT_STREAM_HEADERS)
    this.#clients.add(client)
    if (this.#clients.size === 1) this.#start()
    send(client, `retry: ${EVENT_STREAM_RETRY_MS}\n\n`)
    send(client, this.#event())
  }

  /** Closes all connections and accepts no more. Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const client of [...this.#clients]) {
      this.#remove(client)
      client.response.destroy()
    }
  }

  #start(): void {
    const { paceMs = EVENT_STREAM_PACE_MS, keepAliveMs = EVENT_STREAM_KEEP_ALIVE_MS } =
      this.#options
    this.#fingerprint = this.#options.fingerprint()
    this.#timers = [
      setInterval(() => this.#sendChange(), paceMs).unref(),
      setInterval(() => this.#keepAlive(), keepAliveMs).unref(),
    ]
    this.#options.onActive(true)
  }

  #remove(client: Client): void {
    if (!this.#clients.delete(client) || this.#clients.size > 0) return
    for (const timer of this.#timers) clearInterval(timer)
    this.#options.onActive(false)
  }

  #sendChange(): void {
    const fingerprint = this.#options.fingerprint()
    if (fingerprint === this.#fingerprint) return
    this.#fingerprint = fingerprint
    const event = this.#event()
    for (const client of this.#clients) send(client, event)
  }

  /** Sends a comment, and drops clients that have read nothing since the last one. */
  #keepAlive(): void {
    for (const client of this.#clients) {
      if (client.isStuck) client.response.destroy()
      else if (client.isBusy) client.isStuck = true
      else send(client, ': keep-alive\n\n')
    }
  }

  #event(): string {
    return `event: status\ndata: ${this.#options.document()}\n\n`
  }
}

function send(client: Client, text: string): void {
  client.isBehind = client.isBusy
  if (!client.isBusy) client.isBusy = !client.response.write(text)
}
