/** When a source is asked again. Pure. */

import { FIRST_PAUSES_MS, PAUSE_JITTER, PAUSE_MS } from './limits.ts'

/**
 * The pause before the next question, in ms, counted from the end of the one before. Asking never
 * ends, whatever the answers were.
 *
 * @param asked how often the source was asked
 * @param random a number from 0 up to, not including, 1
 */
export function pauseMs(asked: number, random: number): number {
  return FIRST_PAUSES_MS[asked] ?? PAUSE_MS * (1 - PAUSE_JITTER + 2 * PAUSE_JITTER * random)
}
