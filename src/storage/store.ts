/**
 * What a node stores in its folder: its own messages, and the places of its named subscriptions. It
 * reads those of earlier runs, and never continues them: a folder that was copied has feeds that
 * are closed, and no two nodes write one feed.
 */

import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { NodeError } from '../errors/node-error.ts'
import type { NodeEvent } from '../log/events.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import {
  dataFailed,
  dataInUse,
  isMomentary,
  notWritable,
  reasonOf,
  UnreadableError,
} from './data-errors.ts'
import { Journal } from './journal.ts'
import { FOLDER_MIB, NAMES_MAX, PLACES_MAX } from './limits.ts'
import { type Lock, lockFolder } from './lock.ts'
import { type Place, Places } from './places.ts'
import type { Damage } from './record.ts'
import {
  cutTail,
  type ReadFile,
  readSegment,
  type Segment,
  type StoredEvents,
  segmentsIn,
} from './segment.ts'
import { readSmallFile, syncFolder, writeSmallFileSync } from './small-file.ts'

export interface StoreOptions {
  readonly folder: string
  /** The most that it takes on the disk, in MiB. By default 256. */
  readonly mib?: number | undefined
  /** The feed of this process run. */
  readonly feed: string
  /** Called at any time, the first time before the constructor is done. */
  readonly report: (event: NodeEvent) => void
  readonly sync?: (descriptor: number) => Promise<void>
  /** Reads a segment. Default: `readFileSync`. */
  readonly read?: ReadFile | undefined
}

/** Messages that were stored and are not there any more. */
interface Missing {
  readonly kind: 'missing'
  readonly first: number
  readonly last: number
}

export class Store {
  readonly #folder: string
  readonly #feed: string
  readonly #report: (event: NodeEvent) => void
  readonly #read: ReadFile | undefined
  readonly #lock: Extract<Lock, { kind: 'held' }>
  readonly #journal: Journal
  readonly #places: Places
  /** By feed, the number after the last message that was deleted. */
  readonly #deleted = new BoundedMap<string, number>(PLACES_MAX)

  /**
   * @throws {NodeError} DATA_IN_USE when another node has the folder, DATA_NOT_WRITABLE when the
   * system does not let it be written
   */
  constructor({ folder, mib = FOLDER_MIB, feed, report, sync, read }: StoreOptions) {
    this.#folder = resolve(folder)
    this.#feed = feed
    this.#report = report
    this.#read = read
    this.#lock = lockOrThrow(this.#folder)
    try {
      const segments = segmentsIn(this.#folder)
      this.#readDeleted()
      // Those before it were cut at an earlier start.
      const newest = segments.at(-1)
      if (newest !== undefined) this.#cut(newest)
      this.#places = new Places({
        folder: this.#folder,
        onDamaged: (path) => this.#report({ kind: 'data-damaged', path, bytes: 0, isCut: false }),
        onFailed: (path, cause) =>
          this.#report({ kind: 'place-failed', path, reason: reasonOf(cause) }),
      })
      this.#journal = new Journal({
        folder: this.#folder,
        feed,
        bytesMax: mib * 1024 * 1024,
        segments,
        onDelete: (segment) => this.#noteDeleted(segment),
        onFailed: (cause) =>
          this.#report({ kind: 'data-failed', folder: this.#folder, reason: reasonOf(cause) }),
        ...(sync && { sync }),
      })
    } catch (cause) {
      this.#lock.release()
      throw cause instanceof NodeError ? cause : notWritable(this.#folder, cause)
    }
  }

  append(from: number, end: number, text: string): void {
    this.#journal.append(from, end, text)
  }

  /**
   * Resolves when the messages below a number are on the disk.
   *
   * @throws {NodeError} DATA_FAILED when that failed, now or before
   */
  async stored(end: number): Promise<void> {
    try {
      await this.#journal.stored(end)
    } catch (cause) {
      throw dataFailed(this.#folder, cause)
    }
  }

  /** See {@link Places.wantedFrom}. */
  wantedFrom(feed: string): number | undefined {
    return this.#places.wantedFrom(feed)
  }

  /** @throws {Error} when the name is in use, or there are too many */
  openPlace(name: string): Place {
    const place = this.#places.open(name)
    if (typeof place !== 'string') return place
    throw new Error(
      place === 'in use'
        ? `another subscription of this node has the name '${name}'; end it first, or choose another name`
        : `${this.#folder} has places for ${NAMES_MAX} named subscriptions, the maximum, so '${name}' gets none; stop the node and delete the .place files of names that are not used any more`,
    )
  }

  /** Whether messages of a feed are stored. */
  has(feed: string): boolean {
    return this.#journal.segments.some((segment) => segment.feed === feed)
  }

  /** The feeds of earlier runs, oldest first. */
  feeds(): readonly string[] {
    return [...new Set(this.#journal.segments.map(({ feed }) => feed))].filter(
      (feed) => feed !== this.#feed,
    )
  }

  /**
   * What of a feed is stored after a number, in order, and what is missing in between.
   *
   * @throws {UnreadableError} at a file that cannot be read at the moment
   */
  *read(feed: string, after: number | undefined): Iterable<StoredEvents | Missing> {
    const segments = this.#journal.segments.filter((segment) => segment.feed === feed)
    let next = after === undefined ? (segments[0]?.first ?? 1) : after + 1
    for (const [at, segment] of segments.entries()) {
      const following = segments[at + 1]
      if (following !== undefined && following.first <= next) continue
      for (const events of this.#eventsOf(segment)) {
        if (events.end <= next) continue
        if (events.from > next) yield { kind: 'missing', first: next, last: events.from - 1 }
        yield events
        next = events.end
      }
    }
    const deleted = this.#deleted.get(feed) ?? 1
    if (deleted > next) yield { kind: 'missing', first: next, last: deleted - 1 }
  }

  /** Stored feeds, and those that are deleted, of which a subscription had only a part. */
  feedsFor(place: Place): readonly string[] {
    const stored = this.feeds()
    const gone = place.feeds().filter((feed) => this.#deleted.has(feed) && !stored.includes(feed))
    return [...gone, ...stored]
  }

  /**
   * What was stored since a time, in ms since 1970, by feed. Of the newest segments only, so that a
   * start takes no longer with a large folder.
   */
  *since(atMs: number, bytesMax: number): Iterable<readonly [feed: string, StoredEvents]> {
    let bytes = 0
    const newest = this.#journal.segments.filter(({ feed }) => feed !== this.#feed).reverse()
    const end = newest.findIndex((segment) => {
      bytes += segment.bytes
      return bytes > bytesMax || segment.changedMs < atMs
    })
    for (const segment of newest.slice(0, end === -1 ? undefined : Math.max(end, 1)).reverse()) {
      for (const events of this.#readableOf(segment)) {
        if (events.atMs >= atMs) yield [segment.feed, events]
      }
    }
  }

  /** Syncs what was written, and lets go of the folder. */
  async close(): Promise<void> {
    await this.#journal.close()
    await this.#places.close()
    this.#lock.release()
  }

  /** Nothing of a file that cannot be read at the moment. */
  *#readableOf(segment: Segment): Iterable<StoredEvents> {
    try {
      yield* this.#eventsOf(segment)
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error
    }
  }

  /** @throws {UnreadableError} */
  *#eventsOf(segment: Segment): Iterable<StoredEvents> {
    const { path } = segment
    let found: Iterable<StoredEvents | Damage> = []
    try {
      found = readSegment(segment, this.#read)
    } catch (cause) {
      if (isMomentary(cause)) {
        this.#report({ kind: 'data-unreadable', path, reason: reasonOf(cause) })
        throw new UnreadableError(path, { cause })
      }
      this.#report({ kind: 'data-damaged', path, bytes: 0, isCut: false })
    }
    for (const one of found) {
      if (one.kind === 'events') yield one
      else {
        this.#report({ kind: 'data-damaged', path, bytes: one.end - one.start, isCut: false })
      }
    }
  }

  #cut(segment: Segment): void {
    const bytes = cutTail(segment)
    const { path } = segment
    if (bytes > 0) this.#report({ kind: 'data-damaged', path, bytes, isCut: true })
  }

  #noteDeleted(segment: Segment): void {
    const following = this.#journal.segments.find(
      ({ feed, number }) => feed === segment.feed && number > segment.number,
    )
    let end = following?.first
    if (end === undefined) for (const events of this.#readableOf(segment)) end = events.end
    if (end !== undefined) this.#deleted.set(segment.feed, end)
    const text = JSON.stringify(Object.fromEntries(this.#deleted))
    writeSmallFileSync(join(this.#folder, 'deleted'), text)
  }

  #readDeleted(): void {
    const path = join(this.#folder, 'deleted')
    const text = readSmallFile(path)
    if (text === 'damaged') this.#report({ kind: 'data-damaged', path, bytes: 0, isCut: false })
    if (text === undefined || text === 'damaged') return
    const value: unknown = JSON.parse(text)
    for (const [feed, end] of Object.entries(Object(value))) {
      if (typeof end === 'number') this.#deleted.set(feed, end)
    }
  }
}

function lockOrThrow(folder: string): Extract<Lock, { kind: 'held' }> {
  let lock: Lock
  try {
    const made = mkdirSync(folder, { recursive: true })
    // Its name lasts, and so do those of the folders above that were made with it.
    if (made !== undefined) {
      const top = dirname(made)
      for (let at = dirname(folder); at.length >= top.length; at = dirname(at)) {
        syncFolder(at)
        if (at === top) break
      }
    }
    lock = lockFolder(folder)
  } catch (cause) {
    throw notWritable(folder, cause)
  }
  if (lock.kind === 'held') return lock
  throw dataInUse(folder, lock.pid)
}
