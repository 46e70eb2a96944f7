/** What a node prints after an unexpected error. */

import type { ExecutionContext } from 'ava'
import type { NodeProcess } from './node-process.ts'

/** A stack, and what runtimes print above one. */
const UNHANDLED = /^ {4}at |\b(?:unhandled|uncaught|deprecat|MaxListeners)|\b[A-Z]\w*Error\b/im

/** Asserts that no run of these nodes printed a stack, or a warning of the runtime. */
export function assertNoUnhandledErrors(t: ExecutionContext, nodes: readonly NodeProcess[]): void {
  for (const node of nodes) t.notRegex(node.history, UNHANDLED)
}
