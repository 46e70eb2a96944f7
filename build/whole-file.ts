/** Files that other programs read while we write: they get the old or the new one, never a part. */

import { renameSync, rmSync, writeFileSync } from 'node:fs'

/** Makes a file under another name in the same folder, and renames it when it is complete. */
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

export function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  return makeWhole(path, async (staging) => writeFileSync(staging, bytes))
}
