/** Programs in TypeScript as one file of JavaScript. */

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { REPOSITORY } from '../../build/repository.ts'

let folder: string | undefined

/** Packages that are CommonJS require modules of Node. */
const REQUIRE = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)`

export interface CompiledOptions {
  /** Whether the packages that it imports are in it, so that it runs in any folder. Default: no. */
  readonly isWhole?: boolean
}

/**
 * The path of a program as one file, made once in a process: to load its modules one by one takes
 * half of each start on Node 20.
 *
 * @param script relative to the repository, and no module that others import
 */
export function compiled(script: string, { isWhole = false }: CompiledOptions = {}): string {
  folder ??= madeUntilExit()
  const extension = isWhole ? 'whole.mjs' : 'mjs'
  const outfile = join(folder, script.replaceAll('/', '-').replace(/ts$/, extension))
  if (existsSync(outfile)) return outfile
  const build = join(REPOSITORY, 'build')
  const { warnings } = buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: [script],
    bundle: true,
    ...(isWhole ? { banner: { js: REQUIRE } } : { packages: 'external' }),
    platform: 'node',
    target: 'node20',
    format: 'esm',
    tsconfigRaw: {},
    define: {
      // For build/repository.ts; and no module is the program but the script.
      'import.meta.dirname': JSON.stringify(build),
      'import.meta.url': JSON.stringify(pathToFileURL(build)),
    },
    outfile,
  })
  if (warnings.length > 0) throw new Error(JSON.stringify(warnings))
  return outfile
}

/** Below the packages that it imports. */
function madeUntilExit(): string {
  const cache = join(REPOSITORY, 'node_modules/.cache/fullmesh')
  mkdirSync(cache, { recursive: true })
  const made = mkdtempSync(join(cache, 'programs-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}
