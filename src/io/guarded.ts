/** Listeners of the program around a node: what they throw is an error of that program. */

/**
 * The same listener, except that what it throws does not reach the caller, which may be in the
 * middle of orders that belong together. The error surfaces as an uncaught one once the caller has
 * finished.
 */
export function guarded<Args extends readonly unknown[]>(
  listener: (...args: Args) => unknown,
): (...args: Args) => void {
  return (...args) => {
    try {
      listener(...args)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
