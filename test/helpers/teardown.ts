/** What takes down at its end what helpers have set up: a test, or a tool that runs without ava. */

import type { ExecutionContext } from 'ava'

/** The part of a test that helpers need. */
export type Teardown = Pick<ExecutionContext, 'teardown'>

/** Takes down, last first, for a tool. */
export class ToolTeardown implements Teardown {
  readonly #steps: (() => void | Promise<void>)[] = []

  teardown(step: () => void | Promise<void>): void {
    this.#steps.push(step)
  }

  /** Carries out all steps, also after one that failed, whose error it throws at the end. */
  async run(): Promise<void> {
    const errors: unknown[] = []
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
