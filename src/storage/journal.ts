/**
 * The journal: what this node publishes, appended to its segments. One sync at a time; what is
 * written meanwhile waits for the next one. What failed once is not tried again: the system may
 * have dropped what it could not write, and would say that a second sync succeeded.
 */

import { closeSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SEGMENT_BYTES_MAX, SEGMENTS_MAX } from './limits.ts'
import { encodeRecord } from './record.ts'
import { type Segment, segmentName } from './segment.ts'
import { synced, syncFolder, writeWhole } from './small-file.ts'

export interface JournalOptions {
  readonly folder: string
  readonly feed: string
  /** The most bytes of all segments. */
  readonly bytesMax: number
  /** Those of earlier runs, oldest first. */
  readonly segments: Segment[]
  /** A segment is about to be deleted. */
  readonly onDelete: (segment: Segment) => void
  readonly onFailed: (cause: unknown) => void
  readonly sync?: (descriptor: number) => Promise<void>
}

interface Waiter {
  /** It waits until messages below this number are on the disk. */
  readonly end: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export class Journal {
  readonly segments: Segment[]
  readonly #options: JournalOptions
  readonly #segmentBytesMax: number
  #bytes: number
  #current: { readonly segment: Segment; readonly descriptor: number } | undefined
  /** Full files that are not synced. */
  #full: number[] = []
  /** The number after the last message that was written. */
  #writtenEnd = 1
  #syncedEnd = 1
  #syncing: Promise<void> | undefined
  #waiters: Waiter[] = []
  #failure: { readonly cause: unknown } | undefined
  #isClosed = false

  constructor(options: JournalOptions) {
    const { bytesMax, segments } = options
    this.#options = options
    this.segments = segments
    // So that a small folder does not lose half of its messages at once.
    this.#segmentBytesMax = Math.min(SEGMENT_BYTES_MAX, bytesMax / 8)
    this.#bytes = segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Whether something failed, and what. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure
  }

  /** @param text the frame with the messages from a number up to another, without that one */
  append(from: number, end: number, text: string): void {
    if (this.#failure !== undefined || this.#isClosed) return
    try {
      const record = encodeRecord(text, { atMs: Date.now(), from, end })
      const { descriptor, segment } = this.#fileFor(from, record.length)
      writeWhole(descriptor, record)
      segment.bytes += record.length
      this.#bytes += record.length
      this.#writtenEnd = end
    } catch (cause) {
      this.#fail(cause)
    }
    if (this.#waiters.length > 0 || this.#full.length > 0) void this.#sync()
  }

  /** Resolves when the messages below a number are on the disk. Rejects with what failed. */
  stored(end: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.cause)
    if (end <= this.#syncedEnd) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#waiters.push({ end, resolve, reject })
      if (end <= this.#writtenEnd) void this.#sync()
    })
  }

  /** Syncs what was written, and closes its files. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#syncing !== undefined || this.#isBehind) await this.#sync()
    this.#closeFiles()
    this.#failure ??= { cause: new Error('the node was stopped') }
    this.#rejectAll()
  }

  #fileFor(from: number, bytes: number) {
    const current = this.#current
    if (current !== undefined && current.segment.bytes + bytes <= this.#segmentBytesMax) {
      return current
    }
    if (current !== undefined) this.#full.push(current.descriptor)
    this.#current = undefined
    const { feed, folder } = this.#options
    const facts = { number: (this.segments.at(-1)?.number ?? 0) + 1, feed, first: from }
    const path = join(folder, segmentName(facts))
    this.#makeRoom(bytes)
    const descriptor = openSync(path, 'ax')
    const segment: Segment = { ...facts, path, bytes: 0, changedMs: Date.now() }
    this.#current = { segment, descriptor }
    this.segments.push(segment)
    syncFolder(folder)
    return this.#current
  }

  /** Deletes the oldest, so that there is room for one more segment. */
  #makeRoom(bytes: number): void {
    const { bytesMax, onDelete } = this.#options
    const room = bytesMax - Math.max(this.#segmentBytesMax, bytes)
    for (;;) {
      const [oldest] = this.segments
      const isWithin = this.#bytes <= room && this.segments.length < SEGMENTS_MAX
      if (oldest === undefined || isWithin) return
      onDelete(oldest)
      this.segments.shift()
      this.#bytes -= oldest.bytes
      // Somebody may have deleted it.
      rmSync(oldest.path, { force: true })
    }
  }

  /** Whether a sync would bring more to the disk. */
  get #isBehind(): boolean {
    return this.#failure === undefined && this.#syncedEnd < this.#writtenEnd
  }

  #sync(): Promise<void> {
    this.#syncing ??= this.#syncOnce().finally(() => {
      this.#syncing = undefined
      if (this.#failure !== undefined) this.#closeFiles()
      const isWanted = this.#waiters.some(({ end }) => end <= this.#writtenEnd)
      if (this.#failure === undefined && (isWanted || this.#full.length > 0)) void this.#sync()
    })
    return this.#syncing
  }

  async #syncOnce(): Promise<void> {
    const { sync = synced } = this.#options
    const end = this.#writtenEnd
    // What is written meanwhile may begin another file.
    const current = this.#current
    try {
      for (const descriptor of [...this.#full]) {
        await sync(descriptor)
        this.#full.shift()
        closeSync(descriptor)
      }
      if (current !== undefined && this.#syncedEnd < end) await sync(current.descriptor)
    } catch (cause) {
      return this.#fail(cause)
    }
    if (this.#failure !== undefined) return
    this.#syncedEnd = Math.max(this.#syncedEnd, end)
    const done = this.#waiters.filter((waiter) => waiter.end <= end)
    this.#waiters = this.#waiters.filter((waiter) => waiter.end > end)
    for (const { resolve } of done) resolve()
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { cause }
    this.#rejectAll()
    if (this.#syncing === undefined) this.#closeFiles()
    this.#options.onFailed(cause)
  }

  #closeFiles(): void {
    const { descriptor } = this.#current ?? {}
    const open = descriptor === undefined ? this.#full : [...this.#full, descriptor]
    this.#current = undefined
    this.#full = []
    for (const one of open) {
      try {
        closeSync(one)
      } catch {
        // A write that failed was reported by the sync.
      }
    }
  }

  #rejectAll(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const { reject } of waiters) reject(this.#failure?.cause)
  }
}
