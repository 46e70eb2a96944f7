/**
 * Messages of topics, by `GET /topics/PATTERN` and `POST /topics/TOPIC`. Nothing is asked for
 * before the reader opens the panel: browsers have six connections to a host, and each page takes
 * one more.
 */

import { added, gapIn, messageIn, type TopicEntry } from '../model/topic-entries.ts'
import { problemIn } from './refusal.ts'

export interface TopicState {
  readonly pattern: string
  /** `closed` with a problem: the pattern is none. `refused`: the page may not follow any. */
  readonly phase: 'closed' | 'opening' | 'open' | 'refused'
  /** Why nothing is followed, or why the last message was not published. */
  readonly problem: string
  /** The oldest first. */
  readonly entries: readonly TopicEntry[]
}

export const NO_TOPICS: TopicState = { pattern: '>', phase: 'closed', problem: '', entries: [] }

/** Time from the end of a stream that the browser gave up to the next one, in ms. */
const REOPEN_MS = 2000

/** Time for a response, in ms: then the next one can have the connection. */
const ANSWER_MS = 10_000

/** Statuses that say what another pattern does not change: token, address, host. */
const REFUSALS: readonly number[] = [401, 403, 421]

export class TopicFeed {
  readonly #onState: (state: TopicState) => void
  #state = NO_TOPICS
  /** The last pattern that the node accepted. */
  #accepted = NO_TOPICS.pattern
  /** Why the node could not serve the stream for a while. */
  #busy = ''
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What came, which is told once a frame. */
  #entries: readonly TopicEntry[] = []
  #isTold = true
  /** Requests to publish that are not answered. */
  readonly #publishing = new Set<AbortController>()

  constructor(onState: (state: TopicState) => void) {
    this.#onState = onState
  }

  /** Follows a pattern from the oldest message that the node has. */
  follow(pattern: string): void {
    this.#stop()
    this.#set({ pattern, problem: '' })
    this.#open()
  }

  /** Follows the last pattern that could be followed. */
  resume(): void {
    this.follow(this.#accepted)
  }

  close(): void {
    this.#stop()
    for (const controller of this.#publishing) controller.abort()
    this.#publishing.clear()
    this.#set({ phase: 'closed', problem: '' })
  }

  /** Whether it was published. */
  async publish(topic: string, text: string): Promise<boolean> {
    const controller = new AbortController()
    this.#publishing.add(controller)
    const timer = setTimeout(() => controller.abort(), ANSWER_MS)
    try {
      const headers = { 'Content-Type': 'text/plain; charset=utf-8' }
      const { signal } = controller
      const request = { method: 'POST', headers, body: text, signal }
      const response = await fetch(`topics/${encodeURIComponent(topic)}`, request)
      this.#set({ problem: await problemIn(response) })
      return response.ok
    } catch {
      const isWanted = this.#publishing.has(controller)
      // The node may have published it, and only the answer is lost.
      if (isWanted) this.#set({ problem: 'no answer from this node: perhaps not published' })
      return false
    } finally {
      clearTimeout(timer)
      this.#publishing.delete(controller)
    }
  }

  #stop(): void {
    this.#source?.close()
    this.#source = undefined
    clearTimeout(this.#timer)
  }

  #open(): void {
    this.#entries = []
    this.#set({ phase: 'opening', entries: [] })
    const { pattern } = this.#state
    const path = `topics/${encodeURIComponent(pattern)}?history=kept`
    const source = new EventSource(path)
    let openedMs = Date.now()
    this.#source = source
    source.addEventListener('open', () => {
      // Again when the browser has reconnected: what was published meanwhile is not late.
      openedMs = Date.now()
      this.#accepted = pattern
      // A stream that is back makes no message published.
      const { problem } = this.#state
      this.#set({ phase: 'open', problem: problem === this.#busy ? '' : problem })
    })
    source.addEventListener('message', (event) =>
      this.#take(messageIn(event.data, { openedMs, nowMs: Date.now() })),
    )
    source.addEventListener('gap', (event) => this.#take(gapIn(event.data)))
    source.addEventListener('error', () => {
      if (source !== this.#source) return
      this.#set({ phase: 'opening' })
      if (source.readyState === EventSource.CLOSED) void this.#explain(source, path)
    })
  }

  /** An EventSource does not tell why it was refused. */
  async #explain(source: EventSource, path: string): Promise<void> {
    const { status, text } = await answerOf(path)
    if (source !== this.#source) return
    if (REFUSALS.includes(status)) this.#set({ phase: 'refused', problem: text })
    else if (status >= 400 && status < 500) this.#set({ phase: 'closed', problem: text })
    else {
      this.#busy = text
      if (text !== '') this.#set({ problem: text })
      // The entries come again.
      this.#timer = setTimeout(() => this.#open(), REOPEN_MS)
    }
  }

  #take(entry: TopicEntry | undefined): void {
    if (entry === undefined) return
    this.#entries = added(this.#entries, entry)
    if (!this.#isTold) return
    this.#isTold = false
    requestAnimationFrame(() => {
      this.#isTold = true
      this.#set({ entries: this.#entries })
    })
  }

  #set(change: Partial<TopicState>): void {
    this.#state = { ...this.#state, ...change }
    this.#onState(this.#state)
  }
}

/** What a node says to a request: nothing when it serves it, status 0 when it does not answer. */
async function answerOf(path: string) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), ANSWER_MS)
  try {
    const { signal } = controller
    const answer = await fetch(path, { signal, cache: 'no-store' })
    return { status: answer.status, text: await problemIn(answer) }
  } catch {
    return { status: 0, text: '' }
  } finally {
    // A stream of events has no end.
    controller.abort()
    clearTimeout(timer)
  }
}
