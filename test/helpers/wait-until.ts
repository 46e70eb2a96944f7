/**
 * Waits for what another process does: for a condition with a deadline, never for a fixed time.
 */

import { setTimeout as delay } from 'node:timers/promises'

/**
 * Longer than anything takes on a busy machine, and well below ava's own timeout, which would skip
 * teardowns.
 */
const DEADLINE_MS = 20_000

/** Short against the usual wait, long against the cost of one check. */
const PAUSE_MS = 10

/**
 * Waits until the condition is true.
 *
 * @param explain the expected condition, and what happened instead
 * @param withinMs for what may take longer than anything else; stay below ava's timeout
 * @throws with that text when the condition is not true in time
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  explain: () => string,
  withinMs = DEADLINE_MS,
): Promise<void> {
  if (await condition()) return
  await delay(PAUSE_MS)
  // Not before: other tests of this process may compute for long first.
  const deadlineMs = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not in time: ${explain()}`)
    await delay(PAUSE_MS)
  }
}

/**
 * Repeats something until it took less than `lessThanMs`. A busy machine makes anything late at
 * times; what is slow by itself is slow every time.
 *
 * @param attempt does it once, and returns how long it took, in ms
 * @throws when it was too slow every time until the deadline
 */
export async function waitUntilQuick(
  attempt: () => Promise<number>,
  lessThanMs: number,
): Promise<void> {
  const tookMs: number[] = []
  await waitUntil(
    async () => {
      const lastMs = await attempt()
      tookMs.push(lastMs)
      return lastMs < lessThanMs
    },
    () => `less than ${lessThanMs} ms, took ${tookMs.map(Math.round).join(', ')} ms`,
  )
}
