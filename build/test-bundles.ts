/**
 * Test files as one file of JavaScript for each process. It takes a third less to start: Node 20
 * loads each module of TypeScript in another thread.
 */

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { REPOSITORY } from './repository.ts'
import type { TestGroup } from './test-files.ts'

export const TESTS_FOLDER = 'dist/test'

/** Of what is bundled. Packages are not, and src/ has no `import.meta`. */
const MAY_HAVE_PLACE = /[\\/](?:bench|build|test)[\\/].*\.[jt]s$|-nodes?\.ts$/

/** Makes the bundles, and gives their paths. */
export async function bundleTests(groups: readonly TestGroup[]): Promise<readonly string[]> {
  await build({
    absWorkingDir: REPOSITORY,
    entryPoints: groups.map(({ name }) => ({ in: `tests:${name}`, out: `${name}.test` })),
    outdir: TESTS_FOLDER,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // package.json says that these files do nothing but export.
    ignoreAnnotations: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    sourcesContent: false,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
    define: { 'import.meta.url': 'moduleUrl', 'import.meta.dirname': 'moduleFolder' },
    plugins: [bundling(groups)],
  })
  return groups.map(({ name }) => `${TESTS_FOLDER}/${name}.test.mjs`)
}

function bundling(groups: readonly TestGroup[]): Plugin {
  const pathsOf = new Map(groups.map(({ name, paths }) => [`tests:${name}`, paths]))
  return {
    name: 'tests',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^tests:/ }, ({ path }) => ({ path, namespace: 'tests' }))
      // A module that imports the files of a group.
      onLoad({ filter: /^/, namespace: 'tests' }, ({ path }) => {
        const imports = (pathsOf.get(path) ?? []).map((file) => `import './${file}'`)
        return { contents: imports.join('\n'), resolveDir: REPOSITORY }
      })
      // Tells each module where it was: `import.meta` is that of the bundle.
      onLoad({ filter: MAY_HAVE_PLACE }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        const place = { moduleUrl: pathToFileURL(path).href, moduleFolder: dirname(path) }
        const contents = `const { moduleUrl, moduleFolder } = ${JSON.stringify(place)}; ${text}`
        return text.includes('import.meta') ? { contents, loader: 'ts' } : undefined
      })
    },
  }
}
