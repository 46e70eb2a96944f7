/**
 * The gaze: while somebody looks at the mesh, the core is told so again and again, and asks the
 * peers for their links. Who looks once gets what peers answer at once.
 */

import { GAZE_MS, GLANCE_MS } from './limits.ts'

/** What a gaze works with. */
export interface GazeOptions {
  /** Asks the peers. */
  readonly look: () => void
  /** Default {@link GAZE_MS}. */
  readonly gazeMs?: number
  /** Default {@link GLANCE_MS}. */
  readonly glanceMs?: number
}

/** One gaze for all who look. */
export class Gaze {
  readonly #options: GazeOptions
  #timer: NodeJS.Timeout | undefined

  constructor(options: GazeOptions) {
    this.#options = options
  }

  /** Somebody begins to look, or the last one turns away. */
  hold(isHeld: boolean): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    if (!isHeld) return
    const { look, gazeMs = GAZE_MS } = this.#options
    this.#timer = setInterval(look, gazeMs).unref()
    look()
  }

  /** Looks once. Resolves when peers that are near have answered; at once while somebody looks. */
  async glance(): Promise<void> {
    if (this.#timer !== undefined) return
    const { look, glanceMs = GLANCE_MS } = this.#options
    look()
    await new Promise((resolve) => setTimeout(resolve, glanceMs))
  }
}
