/** Folders for tests, gone when the test is. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Teardown } from './teardown.ts'

/** A new folder with these files in it, by their path inside it. */
export function temporaryFolder(
  t: Teardown,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string {
  // On macOS the folder of temporary files is behind a link, which a node follows.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fullmesh-test-')))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  return folder
}
