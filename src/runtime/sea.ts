/** Single-executable binaries: Node.js and the program in one file. */

type Sea = typeof import('node:sea')

/** Where Node.js, Deno and Bun give their own modules; `process` is one. */
export interface BuiltinModules {
  getBuiltinModule(id: 'node:sea'): unknown
}

/** The module `node:sea` when this process is such a binary, else undefined. Never throws. */
export function seaOf(process: BuiltinModules): Sea | undefined {
  try {
    const sea = process.getBuiltinModule('node:sea')
    return isSeaModule(sea) && sea.isSea() ? sea : undefined
  } catch {
    // Some runtimes without the module throw.
    return undefined
  }
}

function isSeaModule(module: unknown): module is Sea {
  return typeof module === 'object' && module !== null && 'isSea' in module
}
