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
  let deadlineMs: number | undefined
  for (;;) {
    const startedMs = performance.now()
    if (await condition()) return
    const nowMs = performance.now()
    if (deadlineMs !== undefined && nowMs > deadlineMs) throw new Error(`not in time: ${explain()}`)
    // What takes long to look at, such as the kernel's table of sockets, is looked at less often.
    await delay(Math.max(PAUSE_MS, nowMs - startedMs))
    // Not before: other tests of this process may compute for long first.
    deadlineMs ??= performance.now() + withinMs
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
