/**
 * From src/ to one file of JavaScript with the packages in it, for the program (bundle.ts) and the
 * library (library.ts). People read the output, so it is not minified and has the comments of src/.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'
import { runEsbuild } from './esbuild.ts'
import { keepComments, restoreComments } from './keep-comments.ts'
import { PAGE_PACKAGES, pageModule } from './page.ts'

export interface Compilation {
  readonly repository: string
  /** The file to begin with, relative to the repository. */
  readonly entry: string
  /** `cjs` of an entry without exports has neither import nor export: it is an ES module, too. */
  readonly format: 'cjs' | 'esm'
}

export interface Compiled {
  /** Of package.json. */
  readonly version: string
  readonly license: string
  readonly code: string
  /** The licences of the packages in the code, as a comment. They must be distributed with it. */
  readonly licences: string
}

/**
 * Compiles. The output depends only on the files of the repository: not on its folder, on the
 * working directory, the clock or the environment.
 *
 * @throws {ToolError} when esbuild has an error or a warning, when the code needs a package at run
 * time, when a package has no licence file, or when the output contains a path of this machine
 */
export async function compile({ repository, entry, format }: Compilation): Promise<Compiled> {
  const { version, license } = readPackage(repository)
  if (typeof version !== 'string' || typeof license !== 'string') {
    throw new ToolError('package.json must have a version and a license')
  }
  const { text, outputs } = await runEsbuild(repository, entry, {
    charset: 'ascii',
    platform: 'node',
    target: 'node20',
    format,
    legalComments: 'inline',
    alias: Object.fromEntries(ON_DEMAND.map((name) => [name, './src/runtime/on-demand.ts'])),
    plugins: [keepComments, pageModule(repository)],
    define: {
      // The one place where the version of package.json enters the code; src/ declares it.
      FULLMESH_VERSION: JSON.stringify(version),
      // ws loads native helpers from any node_modules that it finds at run time. One digest
      // identifies the code of a node, so no file outside may change its behaviour.
      'process.env.WS_NO_BUFFER_UTIL': '"true"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"true"',
    },
  })
  const files = Object.values(outputs)
  const missing = files.flatMap(({ imports }) => imports).find(({ path }) => !isBuiltin(path))
  if (missing) throw new ToolError(`'${missing.path}' is not in the bundle`)

  // esbuild also lists inputs that it left out as unused; their licences do not apply.
  const included = files.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : [])),
  )
  const code = restoreComments(text)
  if (code.includes(repository)) throw new ToolError(`the bundle contains the path ${repository}`)
  const packages = new Set(included.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []))
  if (included.some((file) => file.startsWith('page:'))) {
    for (const folder of PAGE_PACKAGES) packages.add(folder)
  }
  const licences = [...packages].sort().map((folder) => licenceOf(folder, repository))
  return { version, license, code, licences: licences.join('\n') }
}

/** Modules that packages import for what a node seldom or never does. */
const ON_DEMAND = ['https', 'os', 'tls', 'zlib'] as const

/** The folder of the package that a file belongs to, also of scoped and nested packages. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

export function licenceOf(folder: string, repository: string): string {
  const absolute = join(repository, folder)
  const { name, version, license } = readPackage(absolute)
  const file = readdirSync(absolute).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new ToolError(`${folder} has no licence file to put in the bundle`)
  const lines = readFileSync(join(absolute, file), 'utf8').trim().split(/\r?\n/)
  return [`${name} ${version} (${license})`, '', ...lines]
    .map((line) => `// ${line}`.trimEnd())
    .concat('')
    .join('\n')
}

function readPackage(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
