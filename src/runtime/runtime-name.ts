/** The name of the runtime. */

import { type BuiltinModules, seaOf } from './sea.ts'

/** The part of `process` that identifies a runtime. */
export interface RuntimeFacts extends BuiltinModules {
  readonly versions: Readonly<Record<string, string | undefined>>
}

/**
 * The runtime and its version: `Node.js 22.23.2`, `Deno 2.9.6`, `Bun 1.4.5`, or
 * `Node.js 22.23.2 binary` when the program and Node.js are one file. Never throws.
 */
export function runtimeName(process: RuntimeFacts): string {
  const { deno, bun, node = 'of unknown version' } = process.versions
  // Both also have the version of Node.js that they are compatible with.
  if (deno !== undefined) return `Deno ${deno}`
  if (bun !== undefined) return `Bun ${bun}`
  return seaOf(process) === undefined ? `Node.js ${node}` : `Node.js ${node} binary`
}
