/**
 * From src/ to one file of JavaScript with the packages in it, for the program (bundle.ts) and the
 * library (library.ts). People read what comes out, so it is not minified and has the comments of
 * src/.
 */

import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'
import { runEsbuild } from './esbuild.ts'
import { keepComments, restoreComments } from './keep-comments.ts'
import { licencesOf } from './licences.ts'
import { pageModule } from './page.ts'

/** Of package.json, what ends up in the files that are built. */
export interface Package {
  readonly version: string
  readonly license: string
}

/** What to compile. */
export interface Compilation {
  readonly repository: string
  /** The file to begin with, relative to the repository. */
  readonly entry: string
  /** `iife` has neither import nor export: it is CommonJS and ES module alike. */
  readonly format: 'iife' | 'esm'
}

/** What came out. */
export interface Compiled extends Package {
  readonly code: string
  /** The licences of the packages in the code, as a comment. */
  readonly licences: string
}

/**
 * Compiles. The outcome depends on the files of the repository and on nothing else: not on where it
 * lies, on the working directory, the clock or the environment.
 *
 * @throws {ToolError} when esbuild has an error or as much as a warning, when the code would need a
 * package at run time, or when a path of this machine got into it
 */
export async function compile({ repository, entry, format }: Compilation): Promise<Compiled> {
  const { version, license } = readPackage(repository)
  const { text, outputs } = await runEsbuild(repository, entry, {
    charset: 'ascii',
    platform: 'node',
    target: 'node20',
    format,
    legalComments: 'inline',
    plugins: [keepComments, pageModule(repository)],
    define: {
      // The one place where the version of package.json enters the code; src/ declares it.
      FULLMESH_VERSION: JSON.stringify(version),
      // ws would look for native helpers in whatever node_modules it finds at run time. One digest
      // names the code of a node, so nothing outside of the file may change what it does.
      'process.env.WS_NO_BUFFER_UTIL': '"true"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"true"',
    },
  })
  const files = Object.values(outputs)
  const missing = files.flatMap(({ imports }) => imports).find(({ path }) => !isBuiltin(path))
  if (missing) throw new ToolError(`'${missing.path}' is not in the bundle`)

  // esbuild also lists what it read and then left out as unused; those licences do not matter here.
  const included = files.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? file : [])),
  )
  const code = restoreComments(text)
  if (code.includes(repository)) throw new ToolError(`the bundle contains the path ${repository}`)
  return { version, license, code, licences: licencesOf(included, repository) }
}

function readPackage(repository: string): Package {
  const { version, license }: Record<string, unknown> = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  )
  if (typeof version !== 'string' || typeof license !== 'string') {
    throw new ToolError('package.json must have a version and a license')
  }
  return { version, license }
}
