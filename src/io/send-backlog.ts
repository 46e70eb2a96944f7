/**
 * Peers that do not read: what is sent to them stays in this process's memory. A link whose unsent
 * bytes exceed the limit is checked at intervals, and reported after too many checks in a row.
 */

import type { WebSocket } from 'ws'
import type { LinkId } from '../mesh/inputs.ts'
import { BACKLOG_BYTES_MAX, BACKLOG_CHECK_MS, BACKLOG_CHECKS_MAX } from '../mesh/limits.ts'

type Socket = Pick<WebSocket, 'bufferedAmount'>

interface Suspect {
  readonly socket: Socket
  /** How many checks in a row found too many unsent bytes. */
  checks: number
}

export class SendBacklog {
  readonly #onExceeded: (link: LinkId) => void
  readonly #checkMs: number
  readonly #suspects = new Map<LinkId, Suspect>()
  #timer: NodeJS.Timeout | undefined

  /** @param onExceeded called once for a link that is to be closed */
  constructor(onExceeded: (link: LinkId) => void, checkMs = BACKLOG_CHECK_MS) {
    this.#onExceeded = onExceeded
    this.#checkMs = checkMs
  }

  /** A frame was sent on a link. */
  sent(link: LinkId, socket: Socket): void {
    if (this.#suspects.has(link) || socket.bufferedAmount <= BACKLOG_BYTES_MAX) return
    this.#suspects.set(link, { socket, checks: 0 })
    this.#timer ??= setInterval(() => this.#check(), this.#checkMs).unref()
  }

  /** A link is closed. Idempotent. */
  remove(link: LinkId): void {
    this.#suspects.delete(link)
    if (this.#suspects.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #check(): void {
    for (const [link, suspect] of this.#suspects) {
      suspect.checks += 1
      const hasCaughtUp = suspect.socket.bufferedAmount <= BACKLOG_BYTES_MAX
      if (!hasCaughtUp && suspect.checks <= BACKLOG_CHECKS_MAX) continue
      this.remove(link)
      if (!hasCaughtUp) this.#onExceeded(link)
    }
  }
}
