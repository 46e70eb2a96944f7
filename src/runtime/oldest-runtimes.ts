/** The oldest runtimes that run the program: before them, functions that it calls are missing. */

import type { RuntimeFacts } from './runtime-name.ts'

const OLDEST = {
  node: { name: 'Node.js', version: '20.19' },
  // The timers of earlier ones have no `unref`.
  deno: { name: 'Deno', version: '2.8' },
} as const

/** What is to be said of a runtime that is too old, in one line. Bun is taken as it is. */
export function runtimeProblem({ node, deno, bun }: RuntimeFacts['versions']): string | undefined {
  if (bun !== undefined) return undefined
  const { name, version } = deno === undefined ? OLDEST.node : OLDEST.deno
  const actual = deno ?? node ?? 'of unknown version'
  if (isAtLeast(actual, version)) return undefined
  return `fullmesh needs ${name} ${version} or later; this is ${name} ${actual}`
}

function isAtLeast(actual: string, oldest: string): boolean {
  const [major = 0, minor = 0] = actual.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
}
