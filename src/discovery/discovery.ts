/**
 * Asks the sources of a node for addresses, for as long as it runs. An answer only adds addresses
 * to dial: DNS also fails to name nodes that are well, so nothing is ever disconnected.
 */

import type { Address } from '../mesh/address/address.ts'
import { SOURCE_ADDRESSES_MAX } from '../mesh/limits.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { Answer } from './ask.ts'
import { pauseMs } from './schedule.ts'
import type { Source } from './source.ts'

/** What a source gave last. */
export interface SourceReport {
  /** Such as `dns:mesh.example:4001`. */
  readonly source: string
  /** How often it was asked and has answered, also that there is nothing. */
  readonly asked: number
  /** When the last answer came, in ms of the core's clock; undefined before the first one. */
  readonly answeredMs: number | undefined
  /** How many addresses it named then, of which at most 256 count. */
  readonly found: number
  /** Why it named none that this node may dial; undefined when there is no problem. */
  readonly problem: string | undefined
}

export interface DiscoveryOptions {
  readonly ask: (source: Source, signal: AbortSignal) => Promise<Answer>
  /** Whether this node may dial an address. */
  readonly admits: (address: Address) => boolean
  /** A source names these addresses now: none when it is new. */
  readonly onAddresses: (source: string, addresses: readonly Address[]) => void
  /** A source has answered. `isNews`: it has another problem than before, or none any more. */
  readonly onReport: (report: SourceReport, isNews: boolean) => void
  readonly random: () => number
  /** Runs something later, and returns how to cancel that. Default: by a timer. */
  readonly after?: (ms: number, run: () => void) => () => void
  readonly nowMs?: () => number
}

/** A source that is asked again and again until `ended` is aborted. */
interface Asked {
  readonly source: Source
  readonly ended: AbortController
  report: SourceReport
}

export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #asked = new Map<string, Asked>()
  #isStarted = false

  /** @param sources asked from the start on */
  constructor(sources: readonly Source[], options: DiscoveryOptions) {
    this.#options = options
    for (const source of sources) this.add(source)
  }

  /** The sources, as text. */
  get sources(): readonly string[] {
    return [...this.#asked.keys()]
  }

  reports(): readonly SourceReport[] {
    return [...this.#asked.values()].map(({ report }) => report)
  }

  start(): void {
    this.#isStarted = true
    for (const asked of this.#asked.values()) this.#askSoon(asked)
  }

  /** Idempotent. */
  add(source: Source): void {
    const { text } = source
    if (this.#asked.has(text)) return
    const report = { source: text, asked: 0, answeredMs: undefined, found: 0, problem: undefined }
    const asked = { source, ended: new AbortController(), report }
    this.#asked.set(text, asked)
    this.#options.onAddresses(text, [])
    if (this.#isStarted) this.#askSoon(asked)
  }

  /** Whether there was such a source. */
  remove(text: string): boolean {
    this.#asked.get(text)?.ended.abort()
    return this.#asked.delete(text)
  }

  /** A source has an answer without being asked, such as one more node on the LAN. */
  answered(text: string, answer: Answer): void {
    const asked = this.#asked.get(text)
    if (asked !== undefined) this.#take(asked, answer, asked.report.asked)
  }

  /** Asks no source any more. Idempotent. */
  close(): void {
    for (const { ended } of this.#asked.values()) ended.abort()
    this.#isStarted = false
  }

  #askSoon(asked: Asked): void {
    const { after = afterMs, random } = this.#options
    const { signal } = asked.ended
    if (signal.aborted) return
    const cancel = after(pauseMs(asked.report.asked, random()), () => {
      signal.removeEventListener('abort', cancel)
      void this.#askNow(asked)
    })
    signal.addEventListener('abort', cancel)
  }

  async #askNow(asked: Asked): Promise<void> {
    const { source, ended, report } = asked
    const answer = await this.#options.ask(source, ended.signal)
    if (ended.signal.aborted) return
    this.#take(asked, answer, report.asked + 1)
    this.#askSoon(asked)
  }

  /** @param times how often the source was asked for an answer */
  #take(asked: Asked, { addresses, problem }: Answer, times: number): void {
    const { admits, nowMs = monotonicMs, onAddresses, onReport } = this.#options
    const { source, report } = asked
    const admitted = addresses.filter(admits)
    const isBarred = admitted.length === 0 && addresses.length > 0
    asked.report = {
      source: source.text,
      asked: times,
      answeredMs: nowMs(),
      found: addresses.length,
      problem: isBarred ? NONE_ADMITTED : problem,
    }
    onAddresses(source.text, this.#chosenOf(admitted))
    const isNews = report.answeredMs === undefined || asked.report.problem !== report.problem
    onReport(asked.report, isNews)
  }

  /** In random order: of too many, others count each time, and nodes do not all dial one first. */
  #chosenOf(addresses: readonly Address[]): readonly Address[] {
    const { random } = this.#options
    const drawn = addresses.map((address) => ({ address, order: random() }))
    const sorted = drawn.toSorted((one, other) => one.order - other.order)
    return sorted.slice(0, SOURCE_ADDRESSES_MAX).map(({ address }) => address)
  }
}

/** Loopback by a node in a network, or the reverse; or what no node dials, such as link-local. */
const NONE_ADMITTED = 'none of its addresses may be dialed from the address of this node'

function afterMs(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}
