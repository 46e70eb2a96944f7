/**
 * A monotonic clock. Not `performance.now()`: its first use loads seven modules of Node, which
 * takes 3 ms of the start.
 */

/** Milliseconds since a fixed moment in the past, with fractions. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return 1e3 * seconds + nanoseconds / 1e6
}
