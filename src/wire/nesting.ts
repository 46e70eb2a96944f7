/** How deep the bodies of messages are nested. */

/**
 * The most arrays and objects within each other in a body.
 *
 * Larger: runtimes run out of stack when they write it again, from about 4,000 on. Smaller:
 * programs cannot send trees as they are.
 */
export const NESTING_MAX = 256

/** Whether a value of JSON is nested deeper than {@link NESTING_MAX}. */
export function isTooDeep(value: unknown, left = NESTING_MAX): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (left === 0) return true
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return parts.some((part) => isTooDeep(part, left - 1))
}
