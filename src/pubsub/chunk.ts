/**
 * A chunk: items of one feed that came together, as they go into one frame. It is kept encoded:
 * what is sent again is not encoded again, and what nobody reads any more is not kept twice.
 */

import { eventsIn } from '../wire/feed-codec.ts'
import type { Run } from '../wire/feed-messages.ts'
import { byteLength } from '../wire/topic.ts'
import { encodeRuns, withoutFirst } from './item.ts'
import { ENTRY_BYTES } from './limits.ts'

/** What a chunk was made of. */
export type ChunkText =
  /** Runs of this node, as JSON. */
  | { readonly kind: 'runs'; readonly text: string }
  /** A frame that was received, and how many items at its start came before. */
  | { readonly kind: 'frame'; readonly text: string; readonly known: number }

export class Chunk {
  readonly feed: string
  /** The number of its first item. */
  readonly from: number
  readonly count: number
  /** The ages of its items are those at this time. */
  readonly bornMs: number
  /** Whether another node than the owner sent it. */
  readonly relayed: boolean
  /** What it takes in memory. */
  readonly bytes: number
  readonly #made: ChunkText['kind']
  /** Of a frame, how many items at its start came before. */
  readonly #known: number
  /** Text in its first turn, then bytes: those lie outside of the heap that is collected. */
  #encoded: string | Buffer
  #runs: readonly Run[] | undefined

  constructor(
    facts: Pick<Chunk, 'feed' | 'from' | 'count' | 'bornMs' | 'relayed'>,
    text: ChunkText,
    runs?: readonly Run[],
  ) {
    this.feed = facts.feed
    this.from = facts.from
    this.count = facts.count
    this.bornMs = facts.bornMs
    this.relayed = facts.relayed
    this.#made = text.kind
    this.#known = text.kind === 'frame' ? text.known : 0
    this.#encoded = text.text
    this.bytes = memoryBytes(text.text) + ENTRY_BYTES
    this.#runs = runs
  }

  /** The number after its last item. */
  get end(): number {
    return this.from + this.count
  }

  runs(): readonly Run[] {
    this.#runs ??= this.#decode()
    return this.#runs
  }

  #decode(): readonly Run[] {
    const text = String(this.#encoded)
    if (this.#made === 'frame') return withoutFirst(eventsIn(text), this.#known)
    return eventsIn(frameText(this.feed, this.from, 0, text))
  }

  /** Whoever wanted the items now has them: they are decoded again if need be. */
  release(): void {
    this.#runs = undefined
    if (typeof this.#encoded === 'string') this.#encoded = Buffer.from(this.#encoded)
  }

  /** The frame that carries it from a number on. */
  frame(from: number, nowMs: number): string {
    const heldMs = nowMs - this.bornMs
    if (this.#made === 'runs' && from === this.from) {
      return frameText(this.feed, from, heldMs, String(this.#encoded))
    }
    const runs = withoutFirst(this.runs(), from - this.from)
    this.release()
    return frameText(this.feed, from, heldMs, encodeRuns(runs))
  }
}

/** Engines keep a text with one character beyond Latin-1 at two bytes for each UTF-16 unit. */
function memoryBytes(text: string): number {
  const bytes = byteLength(text)
  return bytes === text.length ? bytes : Math.max(bytes, 2 * text.length)
}

function frameText(feed: string, from: number, heldMs: number, runs: string): string {
  const held = Math.max(0, Math.round(heldMs))
  return `{"type":"EVENTS","data":{"feed":"${feed}","from":${from},"heldMs":${held},"runs":${runs}}}`
}
