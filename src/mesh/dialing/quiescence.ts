/**
 * Whether the mesh is quiescent: no node joined for a while. Work that can wait is put off while
 * nodes join, but never without a limit: a stranger could join and leave for ever.
 */
export class Quiescence {
  #lastJoinedMs = Number.NEGATIVE_INFINITY

  /** A node joined that we were not connected to. */
  joined(nowMs: number): void {
    this.#lastJoinedMs = nowMs
  }

  /**
   * When the mesh will have been quiescent for `pauseMs` if no node joins until then, but
   * `latestMs` at the latest. May be past.
   */
  quiescentAtMs(pauseMs: number, latestMs = Number.POSITIVE_INFINITY): number {
    return Math.min(this.#lastJoinedMs + pauseMs, latestMs)
  }
}
