/** What parts of messages can be. */

import { parseMeshId } from './headers.ts'

/** An object of JSON. */
export type Data = Readonly<Record<string, unknown>>

/**
 * The longest age or time, in ms: a century, more than a clock that begins in 1970 can be wrong.
 * Larger: a sum of two is no `Date` any more.
 */
export const MS_MAX = 36_525 * 86_400_000

export function isRecord(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is 128 bits as 32 lower-case hex digits: a feed, or a series of requests. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && parseMeshId(value) !== undefined
}

/** Whether it is 0, 1, 2 … and exact as a number. */
export function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/** Whether it is an age or a time, which may have fractions. */
export function isMs(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MS_MAX
}
