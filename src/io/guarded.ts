/** Listeners of somebody else: what they throw is their bug, and must not become ours. */

/**
 * The same listener, but nothing that it throws reaches the caller, who may be in the midst of
 * orders that belong together. The error surfaces as an uncaught one as soon as the caller is done.
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
