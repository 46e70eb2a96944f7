/** What a system has to do for the bench of messages. */

import type { WorkerPlace } from './orders.ts'

export interface Transport {
  /** Resolves when this worker is connected to all of these with which it exchanges messages. */
  connect(indices: readonly number[]): Promise<void>
  /** Sends a text to all others. What cannot be sent at once is queued. */
  publish(body: string): void
}

/**
 * Each module of programs/messages exports one, named `open`.
 *
 * @param deliver to be called with each text that comes, in the order in which it comes
 */
export type Open = (place: WorkerPlace, deliver: (body: string) => void) => Promise<Transport>
