/**
 * For listeners of the program around a node. The same listener, except that what it throws does
 * not reach the caller, which may have more outputs to execute. The error becomes an uncaught one
 * once the caller has finished.
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
