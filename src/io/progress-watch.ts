/**
 * Watches links on which bytes wait, for their socket or for the end of a message. A peer on a slow
 * line answers no ping for minutes, for the ping is behind what was sent before; but while its
 * machine takes bytes, or sends some, it is not silent.
 *
 * Bytes that the kernel takes prove nothing as long as it has room for them. When some had to wait,
 * it had none; it takes them once the peer has acknowledged others.
 */

import type { LinkId } from '../mesh/inputs.ts'
import { PROGRESS_LOOK_MS } from './limits.ts'

/** A link that may make progress. */
export interface Watched {
  /** Waiting to be sent. */
  readonly unsentBytes: number
  /** Sent, and not waiting any more. */
  readonly takenBytes: number
  /** Of a message that has not ended. */
  readonly unfinishedBytes: number
  readonly receivedBytes: number
}

export class ProgressWatch {
  readonly #onProgress: (link: LinkId) => void
  /** Each with what it was at the last look. */
  readonly #watched = new Map<LinkId, { readonly link: Watched; readonly before: Watched }>()
  #timer: NodeJS.Timeout | undefined

  constructor(onProgress: (link: LinkId) => void) {
    this.#onProgress = onProgress
  }

  /** Bytes of a link may wait. Idempotent. */
  add(id: LinkId, link: Watched): void {
    if (this.#watched.has(id) || !isWaiting(link)) return
    this.#watched.set(id, { link, before: snapshotOf(link) })
    this.#timer ??= setInterval(() => this.#look(), PROGRESS_LOOK_MS).unref()
  }

  /** Idempotent. */
  gone(id: LinkId): void {
    this.#watched.delete(id)
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    for (const [id, { link, before }] of this.#watched) {
      const isTaken = before.unsentBytes > 0 && link.takenBytes > before.takenBytes
      const isFed = before.unfinishedBytes > 0 && link.receivedBytes > before.receivedBytes
      if (isWaiting(link)) this.#watched.set(id, { link, before: snapshotOf(link) })
      else this.gone(id)
      if (isTaken || isFed) this.#onProgress(id)
    }
  }
}

function isWaiting({ unfinishedBytes, unsentBytes }: Watched): boolean {
  return unsentBytes > 0 || unfinishedBytes > 0
}

function snapshotOf({ receivedBytes, takenBytes, unfinishedBytes, unsentBytes }: Watched): Watched {
  return { receivedBytes, takenBytes, unfinishedBytes, unsentBytes }
}
