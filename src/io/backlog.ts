/**
 * Peers that do not read: what we send them piles up in our memory. A link with too much unsent is
 * looked at again and again, and is given up when all of that time it was too much. A peer that
 * catches up in between starts afresh.
 */

import type { WebSocket } from 'ws'
import type { LinkId } from '../mesh/inputs.ts'
import { BACKLOG_BYTES_MAX, BACKLOG_CHECK_MS, BACKLOG_CHECKS_MAX } from '../mesh/limits.ts'

/** What is looked at: a WebSocket. */
type Socket = Pick<WebSocket, 'bufferedAmount'>

interface Suspect {
  readonly socket: Socket
  /** How many looks in a row found too much. */
  looks: number
}

/** Watches over the links of one node. */
export class Backlog {
  readonly #onStuck: (link: LinkId) => void
  readonly #checkMs: number
  readonly #suspects = new Map<LinkId, Suspect>()
  #timer: NodeJS.Timeout | undefined

  /** `onStuck` is told of a link that is given up, once. */
  constructor(onStuck: (link: LinkId) => void, checkMs = BACKLOG_CHECK_MS) {
    this.#onStuck = onStuck
    this.#checkMs = checkMs
  }

  /** Something was sent on a link. */
  grew(link: LinkId, socket: Socket): void {
    if (this.#suspects.has(link) || socket.bufferedAmount <= BACKLOG_BYTES_MAX) return
    this.#suspects.set(link, { socket, looks: 0 })
    this.#timer ??= setInterval(() => this.#look(), this.#checkMs).unref()
  }

  /** A link is gone. Idempotent. */
  forget(link: LinkId): void {
    this.#suspects.delete(link)
    if (this.#suspects.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    for (const [link, suspect] of this.#suspects) {
      suspect.looks += 1
      const hasCaughtUp = suspect.socket.bufferedAmount <= BACKLOG_BYTES_MAX
      if (!hasCaughtUp && suspect.looks <= BACKLOG_CHECKS_MAX) continue
      this.forget(link)
      if (!hasCaughtUp) this.#onStuck(link)
    }
  }
}
