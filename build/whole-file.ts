/** Files that others read while we write: they see the old one or the new one, never half of it. */

import { renameSync, rmSync, writeFileSync } from 'node:fs'

/** Makes a file under another name in the same folder, and gives it its own when it is done. */
export async function makeWhole(
  path: string,
  make: (staging: string) => Promise<void>,
): Promise<void> {
  const staging = `${path}.${process.pid}.tmp`
  try {
    await make(staging)
    renameSync(staging, path)
  } finally {
    rmSync(staging, { force: true })
  }
}

/** Writes a file, mode as {@link writeFileSync} has it. */
export function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  return makeWhole(path, async (staging) => writeFileSync(staging, bytes))
}
