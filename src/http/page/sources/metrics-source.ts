/** What the node counts of messages, read from `/metrics` while somebody looks at the page. */

export interface Traffic {
  /** Messages that this node gets in a second, its own included. Undefined until counted twice. */
  readonly perSecond: number | undefined
  /** Messages of this node that peers have not been sent, of all peers together. */
  readonly unsent: number
}

/** Time between two requests, in ms. */
const POLL_MS = 2000

/** Until a rate is known, which can need two counts. */
const FIRST_POLL_MS = 500

/** Time for a response. */
const ANSWER_MS = 4000

export class MetricsSource {
  readonly #onTraffic: (traffic: Traffic | undefined) => void
  #last: { readonly count: number; readonly atMs: number } | undefined
  #isRateKnown = false

  /**
   * @param isWanted whether to ask: the page is seen, and its node answers
   * @param onTraffic is given undefined when the last counts are out of date
   */
  constructor(isWanted: () => boolean, onTraffic: (traffic: Traffic | undefined) => void) {
    this.#onTraffic = onTraffic
    const poll = async () => {
      if (isWanted()) await this.#poll()
      else this.#forget()
      const isFirst = this.#last !== undefined && !this.#isRateKnown
      setTimeout(poll, isFirst ? FIRST_POLL_MS : POLL_MS)
    }
    void poll()
  }

  async #poll(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS)
      const response = await fetch('metrics', { signal, cache: 'no-store' })
      if (response.ok) this.#count(await response.text())
      else this.#forget()
    } catch {
      // The stream of statuses tells that the node does not answer.
      this.#forget()
    }
  }

  #forget(): void {
    if (this.#last === undefined) return
    this.#last = undefined
    this.#isRateKnown = false
    this.#onTraffic(undefined)
  }

  #count(text: string): void {
    const count = sumOf(text, 'fullmesh_messages_delivered_total')
    const atMs = performance.now()
    const last = this.#last
    this.#last = { count, atMs }
    // A node that was restarted counts from 0.
    const isRate = last !== undefined && count >= last.count
    const measured = isRate ? ((count - last.count) * 1000) / (atMs - last.atMs) : undefined
    // None were ever counted, so there is no rate to wait for.
    const perSecond = count === 0 ? 0 : measured
    this.#isRateKnown = perSecond !== undefined
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
