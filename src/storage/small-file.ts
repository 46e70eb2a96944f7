/** Files of one record, replaced as a whole: after a crash it is the old one or the new one. */

import {
  closeSync,
  fdatasync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { systemCodeOf } from '../errors/system-error.ts'
import { encodeRecord, recordsIn } from './record.ts'

/** Its text, or undefined when there is no such file. `damaged` when its checksum is wrong. */
export function readSmallFile(path: string): string | 'damaged' | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const [record, ...others] = recordsIn(bytes)
  return record?.kind === 'record' && others.length === 0 ? record.text() : 'damaged'
}

export function writeSmallFileSync(path: string, text: string): void {
  const descriptor = openSync(`${path}.tmp`, 'w')
  try {
    writeWhole(descriptor, encodeRecord(text, { atMs: Date.now(), from: 0, end: 0 }))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.tmp`, path)
  syncFolder(dirname(path))
}

/** Without a sync of the folder: what is lost is the newest version. */
export async function writeSmallFile(path: string, text: string): Promise<void> {
  const descriptor = openSync(`${path}.tmp`, 'w')
  try {
    writeWhole(descriptor, encodeRecord(text, { atMs: Date.now(), from: 0, end: 0 }))
    await synced(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.tmp`, path)
}

/** The system may take a part at a time. */
export function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}

/** Resolves when the bytes of a file are on the disk. */
export function synced(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)))
  })
}

/** Makes the names of new files in it last. */
export function syncFolder(folder: string): void {
  // Windows opens no folders, and keeps their names in order by itself.
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
