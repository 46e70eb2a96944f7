/** SHA256SUMS, for `sha256sum --check`: which files a release has, and what is in them. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from './whole-file.ts'

/** What the file is called, in the folder of the files that it lists. */
export const CHECKSUMS_NAME = 'SHA256SUMS'

/** The digest of a file, as `sha256sum` prints it. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Puts digests by file name into the list of a folder. Files that are there from earlier stay
 * listed; files that are gone do not.
 *
 * @returns the names that are listed now
 */
export function updateChecksums(
  folder: string,
  digests: ReadonlyMap<string, string>,
): readonly string[] {
  const path = join(folder, CHECKSUMS_NAME)
  const earlier = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  const kept = earlier.flatMap((line): [name: string, digest: string][] => {
    const [, digest = '', name = ''] = /^([0-9a-f]{64}) [ *]([^/]+)$/.exec(line) ?? []
    return name !== '' && existsSync(join(folder, name)) ? [[name, digest]] : []
  })
  const all = [...new Map([...kept, ...digests])].sort(([one], [other]) => (one < other ? -1 : 1))
  writeWhole(path, Buffer.from(all.map(([name, digest]) => `${digest}  ${name}\n`).join('')))
  return all.map(([name]) => name)
}
