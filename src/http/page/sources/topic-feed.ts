/**
 * Messages of topics, by `GET /topics/PATTERN` and `POST /topics/TOPIC`. Nothing is asked for
 * before the reader opens the panel: browsers have six connections to a host, and each page takes
 * one more.
 */

import { gapIn, messageIn, type TopicEntry } from '../model/topic-entries.ts'

export interface TopicState {
  readonly pattern: string
  readonly phase: 'closed' | 'opening' | 'open' | 'refused'
  /** Why it is refused, or why the last message was not published. */
  readonly problem: string
  /** The oldest first. */
  readonly entries: readonly TopicEntry[]
}

export const NO_TOPICS: TopicState = { pattern: '>', phase: 'closed', problem: '', entries: [] }

/** Older ones are left out. */
const ENTRIES_MAX = 200

/** Time from the end of a stream that the browser gave up to the next one, in ms. */
const REOPEN_MS = 2000

export class TopicFeed {
  readonly #onState: (state: TopicState) => void
  #state = NO_TOPICS
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What came since the last state, which is told once a frame. */
  #fresh: TopicEntry[] = []

  constructor(onState: (state: TopicState) => void) {
    this.#onState = onState
  }

  /** Follows a pattern from the oldest message that the node has. */
  follow(pattern: string): void {
    this.close()
    this.#set({ pattern, phase: 'opening', problem: '', entries: [] })
    this.#open()
  }

  close(): void {
    this.#source?.close()
    this.#source = undefined
    clearTimeout(this.#timer)
    this.#fresh = []
    this.#set({ phase: 'closed' })
  }

  /** Whether it was published. */
  async publish(topic: string, text: string): Promise<boolean> {
    try {
      const path = `topics/${encodeURIComponent(topic)}`
      const headers = { 'Content-Type': 'text/plain; charset=utf-8' }
      const response = await fetch(path, { method: 'POST', headers, body: text })
      this.#set({ problem: response.ok ? '' : (await response.text()).trim() })
      return response.ok
    } catch {
      this.#set({ problem: 'not published: no answer from this node' })
      return false
    }
  }

  #open(): void {
    const path = `topics/${encodeURIComponent(this.#state.pattern)}?history=kept`
    const source = new EventSource(path)
    const openedMs = Date.now()
    this.#source = source
    source.addEventListener('open', () => this.#set({ phase: 'open', problem: '' }))
    source.addEventListener('message', (event) =>
      this.#take(messageIn(event.data, { openedMs, nowMs: Date.now() })),
    )
    source.addEventListener('gap', (event) => this.#take(gapIn(event.data)))
    source.addEventListener('error', () => {
      if (source !== this.#source) return
      this.#set({ phase: 'opening' })
      if (source.readyState === EventSource.CLOSED) void this.#explain(path)
    })
  }

  /** An EventSource does not tell why it was refused. */
  async #explain(path: string): Promise<void> {
    const { signal, abort } = abortable()
    const source = this.#source
    const answer = await fetch(path, { signal, cache: 'no-store' }).catch(() => undefined)
    const isRefused = answer !== undefined && !answer.ok
    const problem = isRefused ? (await answer.text()).trim() : ''
    abort()
    if (source !== this.#source) return
    if (isRefused) this.#set({ phase: 'refused', problem })
    // The entries come again.
    else this.#timer = setTimeout(() => this.follow(this.#state.pattern), REOPEN_MS)
  }

  #take(entry: TopicEntry | undefined): void {
    if (entry === undefined) return
    if (this.#fresh.length === 0) {
      requestAnimationFrame(() => {
        const entries = [...this.#state.entries, ...this.#fresh].slice(-ENTRIES_MAX)
        this.#fresh = []
        this.#set({ entries })
      })
    }
    this.#fresh.push(entry)
  }

  #set(change: Partial<TopicState>): void {
    this.#state = { ...this.#state, ...change }
    this.#onState(this.#state)
  }
}

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}
