/**
 * The licences of the packages in the bundle, as a comment for its end. They ask to travel with the
 * code.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'

/**
 * One comment with the licence of every package that at least one of these files belongs to,
 * in the order of their names. Empty when no file is in a package.
 *
 * @throws {ToolError} when a package has no licence file, because then nobody has looked at its
 * terms
 */
export function licencesOf(files: readonly string[], repository: string): string {
  const folders = new Set(files.flatMap((file) => packageFolder(file) ?? []))
  return [...folders]
    .sort()
    .map((folder) => licenceOf(folder, repository))
    .join('\n')
}

/** `node_modules/ws/lib/sender.js` -> `node_modules/ws`, with scopes and nested packages minded. */
function packageFolder(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
}

function licenceOf(folder: string, repository: string): string {
  const absolute = join(repository, folder)
  const { name, version, license }: Record<string, unknown> = JSON.parse(
    readFileSync(join(absolute, 'package.json'), 'utf8'),
  )
  const file = readdirSync(absolute).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined) throw new ToolError(`${folder} has no licence file to put in the bundle`)
  const lines = readFileSync(join(absolute, file), 'utf8').trim().split(/\r?\n/)
  return [`${name} ${version} (${license})`, '', ...lines]
    .map((line) => `// ${line}`.trimEnd())
    .concat('')
    .join('\n')
}
