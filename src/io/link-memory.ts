/**
 * What all links hold in memory: bytes that a peer does not read, and bytes of messages that it
 * does not end. A link that holds too much is dropped. When all together do, those go first that
 * are being closed, then the one that has held more than its share for longest.
 */

import type { LinkId } from '../mesh/inputs.ts'
import { HELD_BYTES_MAX, LINK_HELD_BYTES_MAX } from './limits.ts'

/** A link that may hold memory. */
export interface Holder {
  /** Bytes at the moment. */
  readonly heldBytes: number
}

export class LinkMemory {
  readonly #onDrop: (link: LinkId) => void
  /** Those that held any when looked at last, the one that began first at the start. */
  readonly #holders = new Map<LinkId, Holder>()
  /** Those that are being closed: they hold memory until they are gone. */
  readonly #leaving = new Set<LinkId>()
  /**
   * An upper bound of what all of them hold. Bytes that were sent since are subtracted only by
   * `#count`.
   */
  #boundBytes = 0

  /** @param onDrop called for a link that is to hold nothing from the next turn on */
  constructor(onDrop: (link: LinkId) => void) {
    this.#onDrop = onDrop
  }

  /** Whether there is room for so many bytes more, for which others may be dropped. */
  makeRoom(bytes: number): boolean {
    if (!this.#fits(bytes)) this.#dropFor(bytes)
    return this.#fits(bytes)
  }

  /** A link may hold more than before: then its time begins if it held nothing. */
  changed(link: LinkId, holder: Holder, beforeBytes: number): void {
    const { heldBytes } = holder
    if (heldBytes <= beforeBytes) return
    if (beforeBytes === 0) this.#holders.delete(link)
    this.#holders.set(link, holder)
    this.#boundBytes += heldBytes - beforeBytes
    // One that is being closed keeps its time to say why.
    if (heldBytes > LINK_HELD_BYTES_MAX && !this.#leaving.has(link)) this.drop(link)
    if (!this.#fits(0)) this.#dropFor(0)
  }

  /** A link is being closed. Idempotent. */
  leaving(link: LinkId): void {
    this.#leaving.add(link)
  }

  /** Ends a link because of what it holds. */
  drop(link: LinkId): void {
    this.#boundBytes -= this.#holders.get(link)?.heldBytes ?? 0
    this.#holders.delete(link)
    this.#onDrop(link)
  }

  /** The socket of a link is closed. Idempotent. */
  gone(link: LinkId): void {
    this.#leaving.delete(link)
    this.#holders.delete(link)
  }

  #fits(bytes: number): boolean {
    return this.#boundBytes + bytes <= HELD_BYTES_MAX
  }

  #dropFor(bytes: number): void {
    this.#count()
    for (const link of this.#leaving) {
      if (this.#fits(bytes)) return
      if (this.#holders.has(link)) this.drop(link)
    }
    // Who asks for room may be one more: it gets its share, whatever the others do.
    const shareBytes = HELD_BYTES_MAX / (this.#holders.size + 1)
    for (const [link, { heldBytes }] of this.#holders) {
      if (this.#fits(bytes)) return
      if (heldBytes >= shareBytes) this.drop(link)
    }
  }

  #count(): void {
    this.#boundBytes = 0
    for (const [link, { heldBytes }] of this.#holders) {
      if (heldBytes === 0) this.#holders.delete(link)
      this.#boundBytes += heldBytes
    }
  }
}
