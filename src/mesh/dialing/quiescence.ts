/**
 * Whether the mesh around us has come to rest. While nodes join, all of them are busy with each
 * other; what can wait for the end of that waits, but not for ever, since strangers could come and
 * go without end.
 */

/** Remembers when somebody joined last. */
export class Quiescence {
  #lastJoinedMs = Number.NEGATIVE_INFINITY

  /** Somebody joined that we were not connected to. */
  joined(nowMs: number): void {
    this.#lastJoinedMs = nowMs
  }

  /**
   * When nobody will have joined for `pauseMs`, if nobody else joins until then; `latestMs` at the
   * latest. May be past.
   */
  sinceMs(pauseMs: number, latestMs: number): number {
    return Math.min(this.#lastJoinedMs + pauseMs, latestMs)
  }
}
