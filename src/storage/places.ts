/**
 * The places of named subscriptions: by sender, the last message that the handler is done with. A
 * file for each name, written a moment later: what comes again after a crash was handled just
 * before.
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BoundedMap } from '../structures/bounded-map.ts'
import { NAMES_MAX, PLACE_PAUSE_MS, PLACES_MAX } from './limits.ts'
import { readSmallFile, writeSmallFile } from './small-file.ts'

const SUFFIX = '.place'

export interface PlacesOptions {
  readonly folder: string
  /** The file of a name is damaged: it begins again. */
  readonly onDamaged: (path: string) => void
  /** The file of a name cannot be written; once, until a write succeeds. */
  readonly onFailed: (path: string, cause: unknown) => void
}

export class Places {
  readonly #options: PlacesOptions
  readonly #places = new Map<string, Place>()

  constructor(options: PlacesOptions) {
    this.#options = options
    for (const file of readdirSync(options.folder)) {
      if (file.endsWith(SUFFIX)) this.#add(file.slice(0, -SUFFIX.length))
    }
  }

  /**
   * The number from which on a sender's messages are wanted that no subscription had: by the one
   * that is furthest behind. Undefined when there are no named subscriptions.
   */
  wantedFrom(feed: string): number | undefined {
    if (this.#places.size === 0) return undefined
    const ends = [...this.#places.values()].map((place) => place.lastOf(feed) ?? 0)
    return Math.min(...ends) + 1
  }

  /** The place of a name, which begins before all messages when it is new. */
  open(name: string): Place | 'in use' | 'too many' {
    const place = this.#places.get(name)
    if (place === undefined && this.#places.size >= NAMES_MAX) return 'too many'
    const opened = place ?? this.#add(name)
    if (opened.isOpen) return 'in use'
    opened.isOpen = true
    return opened
  }

  async close(): Promise<void> {
    await Promise.all([...this.#places.values()].map((place) => place.end()))
  }

  #add(name: string): Place {
    const { folder, onDamaged, onFailed } = this.#options
    const path = join(folder, `${name}${SUFFIX}`)
    const place = new Place(path, (cause) => onFailed(path, cause))
    const text = readSmallFile(path)
    if (text === 'damaged') onDamaged(path)
    else if (text !== undefined) place.read(text)
    this.#places.set(name, place)
    return place
  }
}

export class Place {
  isOpen = false
  /** Called before it is written: what else was handled. */
  update: () => void = () => {}
  readonly #path: string
  readonly #onFailed: (cause: unknown) => void
  readonly #last = new BoundedMap<string, number>(PLACES_MAX)
  #isDirty = false
  #hasFailed = false
  #hasEnded = false
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | undefined

  constructor(path: string, onFailed: (cause: unknown) => void) {
    this.#path = path
    this.#onFailed = onFailed
  }

  /** The last message of a feed that was handled, or undefined for none. */
  lastOf(feed: string): number | undefined {
    return this.#last.get(feed)
  }

  feeds(): readonly string[] {
    return [...this.#last].map(([feed]) => feed)
  }

  /** All messages of a feed up to one were handled. */
  moveTo(feed: string, seq: number): void {
    if (this.#hasEnded || seq <= (this.#last.get(feed) ?? 0)) return
    this.#last.set(feed, seq)
    this.#isDirty = true
    this.#writeSoon()
  }

  read(text: string): void {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return
    for (const [feed, seq] of Object.entries(value)) {
      if (Number.isSafeInteger(seq)) this.#last.set(feed, seq)
    }
  }

  #writeSoon(): void {
    if (this.#writing !== undefined || this.#hasEnded) return
    this.#timer ??= setTimeout(() => {
      this.update()
      this.#timer = undefined
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
        if (this.#isDirty && !this.#hasFailed) this.#writeSoon()
      })
    }, PLACE_PAUSE_MS).unref()
  }

  async #write(): Promise<void> {
    this.#isDirty = false
    try {
      await writeSmallFile(this.#path, this.#text())
      this.#hasFailed = false
    } catch (cause) {
      // The next message tries again, and so does the end.
      this.#isDirty = true
      if (!this.#hasFailed) this.#onFailed(cause)
      this.#hasFailed = true
    }
  }

  /** The subscription has ended; another one can have its name. */
  close(): void {
    this.update = () => {}
    this.isOpen = false
  }

  /** Writes it for the last time. */
  async end(): Promise<void> {
    if (this.#hasEnded) return
    this.update()
    this.#hasEnded = true
    clearTimeout(this.#timer)
    await this.#writing
    if (this.#isDirty) await this.#write()
  }

  #text(): string {
    return JSON.stringify(Object.fromEntries(this.#last))
  }
}
