/** What the node counts of messages, read from `/metrics` while somebody looks at the page. */

/** What all peers together have not been sent, and how many messages a second come in. */
export interface Traffic {
  /** Undefined until it was counted twice. */
  readonly perSecond: number | undefined
  readonly unsent: number
}

/** Time between two requests, in ms. */
const POLL_MS = 2000

/** Time for a response. */
const ANSWER_MS = 4000

export class MetricsSource {
  readonly #onTraffic: (traffic: Traffic) => void
  #last: { readonly count: number; readonly atMs: number } | undefined

  /** @param isWanted whether to ask: the page is seen, and its node answers */
  constructor(isWanted: () => boolean, onTraffic: (traffic: Traffic) => void) {
    this.#onTraffic = onTraffic
    const poll = async () => {
      if (isWanted()) await this.#poll()
      else this.#last = undefined
      setTimeout(poll, POLL_MS)
    }
    void poll()
  }

  async #poll(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS)
      const response = await fetch('metrics', { signal, cache: 'no-store' })
      if (response.ok) this.#count(await response.text())
    } catch {
      // The stream of statuses tells that the node does not answer.
      this.#last = undefined
    }
  }

  #count(text: string): void {
    const count = sumOf(text, 'fullmesh_messages_delivered_total')
    const atMs = performance.now()
    const last = this.#last
    this.#last = { count, atMs }
    // A node that was restarted counts from 0.
    const isRate = last !== undefined && count >= last.count
    const perSecond = isRate ? ((count - last.count) * 1000) / (atMs - last.atMs) : undefined
    this.#onTraffic({ perSecond, unsent: sumOf(text, 'fullmesh_message_lag{of="sum"}') })
  }
}

/** The sum of a metric over its labels. */
function sumOf(text: string, name: string): number {
  let sum = 0
  for (const line of text.split('\n')) {
    if (line.startsWith(name)) sum += Number(line.slice(line.lastIndexOf(' '))) || 0
  }
  return sum
}
