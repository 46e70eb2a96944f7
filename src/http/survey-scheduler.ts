/**
 * The gaze: while somebody looks at the mesh, the core is told so again and again, and asks the
 * peers for their links. Who looks once gets what peers answer at once.
 */

import { GAZE_MS, GLANCE_MS, STIR_MS } from './limits.ts'

/** What a gaze works with. */
export interface GazeOptions {
  /** Asks the peers. */
  readonly look: () => void
  /** Default {@link GAZE_MS}. */
  readonly gazeMs?: number
  /** Default {@link GLANCE_MS}. */
  readonly glanceMs?: number
  /** Default {@link STIR_MS}. */
  readonly stirMs?: readonly number[]
}

/** One gaze for all who look. */
export class Gaze {
  readonly #options: GazeOptions
  #timer: NodeJS.Timeout | undefined
  readonly #stirs = new Set<NodeJS.Timeout>()

  constructor(options: GazeOptions) {
    this.#options = options
  }

  /** Somebody begins to look, or the last one turns away. */
  hold(isHeld: boolean): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const timer of this.#stirs) clearTimeout(timer)
    this.#stirs.clear()
    if (!isHeld) return
    const { look, gazeMs = GAZE_MS } = this.#options
    this.#timer = setInterval(look, gazeMs).unref()
    look()
  }

  /** Something has changed: while somebody looks, the peers are asked sooner. */
  stir(): void {
    // While many join, one look is for all of them.
    if (this.#timer === undefined || this.#stirs.size > 0) return
    const { look, stirMs = STIR_MS } = this.#options
    for (const delayMs of stirMs) {
      const timer = setTimeout(() => {
        this.#stirs.delete(timer)
        look()
      }, delayMs).unref()
      this.#stirs.add(timer)
    }
  }

  /** Looks once. Resolves when peers that are near have answered; at once while somebody looks. */
  async glance(): Promise<void> {
    if (this.#timer !== undefined) return
    const { look, glanceMs = GLANCE_MS } = this.#options
    look()
    await new Promise((resolve) => setTimeout(resolve, glanceMs))
  }
}
