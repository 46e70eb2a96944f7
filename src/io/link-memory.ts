/**
 * What all links hold in memory: bytes that a peer does not read, and bytes of messages that it
 * does not end. A link that holds too much is closed; when all of them do, the one that has held
 * more than its share for longest.
 */

import type { LinkId } from '../mesh/inputs.ts'
import { HELD_BYTES_MAX, LINK_HELD_BYTES_MAX } from './limits.ts'

/** A link that may hold memory. */
export interface Holder {
  /** Bytes at the moment. */
  readonly heldBytes: number
}

export class LinkMemory {
  readonly #onExceeded: (link: LinkId) => void
  /** Those that held any when looked at last, the one that began first at the start. */
  readonly #holders = new Map<LinkId, Holder>()
  /** Those that are being closed: they hold memory until they are gone. */
  readonly #leaving = new Set<LinkId>()
  /** No less than all of them hold: it goes down only when they are counted. */
  #boundBytes = 0

  /** @param onExceeded called once for a link that is to be closed; see {@link leaving} */
  constructor(onExceeded: (link: LinkId) => void) {
    this.#onExceeded = onExceeded
  }

  /** Whether there is room for so many bytes more, for which other links may have to go. */
  makeRoom(bytes: number): boolean {
    if (this.#boundBytes + bytes > HELD_BYTES_MAX) this.#count(bytes)
    return this.#boundBytes + bytes <= HELD_BYTES_MAX
  }

  /** A link may hold more than before: then its time begins if it held nothing. */
  changed(link: LinkId, holder: Holder, beforeBytes: number): void {
    const { heldBytes } = holder
    if (heldBytes <= beforeBytes) return
    if (beforeBytes === 0) this.#holders.delete(link)
    this.#holders.set(link, holder)
    this.#boundBytes += heldBytes - beforeBytes
    if (this.#leaving.has(link)) return
    if (heldBytes > LINK_HELD_BYTES_MAX) return this.#onExceeded(link)
    if (this.#boundBytes > HELD_BYTES_MAX) this.#count(0)
  }

  /** A link is being closed. Idempotent. */
  leaving(link: LinkId): void {
    this.#leaving.add(link)
  }

  /** The socket of a link is closed. Idempotent. */
  gone(link: LinkId): void {
    this.#leaving.delete(link)
    this.#holders.delete(link)
  }

  #count(wantedBytes: number): void {
    let all = 0
    let staying = 0
    for (const [link, { heldBytes }] of this.#holders) {
      if (heldBytes === 0) this.#holders.delete(link)
      all += heldBytes
      if (!this.#leaving.has(link)) staying += heldBytes
    }
    this.#boundBytes = all
    const shareBytes = HELD_BYTES_MAX / this.#holders.size
    for (const [link, { heldBytes }] of this.#holders) {
      if (staying + wantedBytes <= HELD_BYTES_MAX) return
      if (this.#leaving.has(link) || heldBytes < shareBytes) continue
      staying -= heldBytes
      this.#onExceeded(link)
    }
  }
}
