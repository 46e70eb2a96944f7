/** What the core of messages is made with. */

import type { Chunk } from './chunk.ts'

export interface PubSubOptions {
  /** Our own feed: the id of this process run. */
  readonly feed: string
  /** Whether items are taken from others than their owner that have not proven the secret. */
  readonly takesRelayed: boolean
  readonly nowMs: number
  readonly random: () => number
  /** By default 64 MiB. */
  readonly logBytes?: number
  /** By default 10 minutes. */
  readonly logAgeMs?: number
  /** The part of the log that one feed may take. By default a quarter. */
  readonly feedShare?: number
  /**
   * The number from which on a feed is wanted that is not here. By default, what was published
   * since this node started.
   */
  readonly wantedFrom?: (feed: string) => number | undefined
  /** Called with what this node publishes, at the end of the turn. */
  readonly onPublished?: (chunk: Chunk) => void
}
