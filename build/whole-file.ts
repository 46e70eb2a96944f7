/** Files that others read while we write: they see the old one or the new one, never half of it. */

import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Makes a file under another name in the same folder, and gives it its own when it is done. */
export async function makeWhole(
  path: string,
  make: (staging: string) => Promise<void>,
): Promise<void> {
  const staging = stagingOf(path)
  try {
    await make(staging)
    renameSync(staging, path)
  } finally {
    rmSync(staging, { force: true })
  }
}

/** Writes a file that everybody may read, whatever the umask. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const staging = stagingOf(path)
  try {
    writeFileSync(staging, bytes)
    chmodSync(staging, 0o644)
    renameSync(staging, path)
  } finally {
    rmSync(staging, { force: true })
  }
}

function stagingOf(path: string): string {
  return `${path}.${process.pid}.tmp`
}
