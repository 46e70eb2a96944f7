/** Programs in TypeScript as one file of JavaScript. */

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { REPOSITORY } from '../../build/repository.ts'

let folder: string | undefined

/**
 * The path of a program as one file, made once in a process: to load its modules one by one takes
 * half of each start on Node 20.
 *
 * @param script relative to the repository, and no module that others import
 */
export function compiled(script: string): string {
  folder ??= madeUntilExit()
  const outfile = join(folder, script.replaceAll('/', '-').replace(/ts$/, 'mjs'))
  if (existsSync(outfile)) return outfile
  const build = join(REPOSITORY, 'build')
  buildSync({
    absWorkingDir: REPOSITORY,
    entryPoints: [script],
    bundle: true,
    packages: 'external',
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
