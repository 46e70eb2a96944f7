/** What runs this program, in words. */

/** What a process knows of its runtime; `process` has it. */
export interface RuntimeFacts {
  readonly versions: Readonly<Record<string, string | undefined>>
  getBuiltinModule(id: 'node:sea'): unknown
}

/**
 * The runtime and its version: `Node.js 22.23.2`, `Deno 2.9.6`, `Bun 1.4.5`, or
 * `Node.js 22.23.2 binary` when the program and Node.js are one file. Never throws.
 */
export function runtimeName(process: RuntimeFacts): string {
  const { deno, bun, node = 'of unknown version' } = process.versions
  // Both also tell the version of Node.js that they stand in for.
  if (deno !== undefined) return `Deno ${deno}`
  if (bun !== undefined) return `Bun ${bun}`
  return isBinary(process) ? `Node.js ${node} binary` : `Node.js ${node}`
}

function isBinary(process: RuntimeFacts): boolean {
  try {
    const sea = process.getBuiltinModule('node:sea')
    return isSeaModule(sea) && sea.isSea()
  } catch {
    return false
  }
}

function isSeaModule(module: unknown): module is typeof import('node:sea') {
  return typeof module === 'object' && module !== null && 'isSea' in module
}
