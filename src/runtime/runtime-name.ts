/** The name of the runtime, and whether it and the program are one file. */

type Sea = Pick<typeof import('node:sea'), 'isSea' | 'getRawAsset'>

/** Where Node.js, Deno and Bun give their own modules; `process` is one. */
export interface BuiltinModules {
  getBuiltinModule(id: 'node:sea'): Sea | undefined
}

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

/** The module `node:sea` in a single-executable binary, else undefined. Never throws. */
export function seaOf(process: BuiltinModules): Sea | undefined {
  try {
    const sea = process.getBuiltinModule('node:sea')
    return sea?.isSea() ? sea : undefined
  } catch {
    // Some runtimes without the module throw, others have one without functions.
    return undefined
  }
}
