/** Hooks for Node's loader: TypeScript becomes JavaScript, and is kept in node_modules/.cache. */

import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(
  new URL('../node_modules/.cache/fullmesh/typescript/', import.meta.url),
)

mkdirSync(FOLDER, { recursive: true })

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  if (!/^file:.*\.ts$/.test(url)) return nextLoad(url, context)
  const path = fileURLToPath(url)
  return { format: 'module', source: await compiled(path), shortCircuit: true }
}

/** @param {string} path */
async function compiled(path) {
  const text = readFileSync(path, 'utf8')
  const kept =
    FOLDER +
    createHash('sha256')
      .update(`${basename(path)}\n${text}`)
      .digest('hex')
  try {
    return readFileSync(kept, 'utf8')
  } catch {
    // Loading esbuild costs more than all of the rest, and is rarely needed.
    const { transform } = await import('esbuild')
    const { code } = await transform(text, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      sourcesContent: false,
      // Node looks for it beside the module, whose name is the same.
      sourcefile: basename(path),
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    })
    // Not by process id: the bench runs processes in several namespaces, where ids repeat.
    const staging = `${kept}.${randomUUID()}.tmp`
    writeFileSync(staging, code)
    renameSync(staging, kept)
    return code
  }
}
