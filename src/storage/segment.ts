/**
 * Segments: the files of a folder, in the order in which they were begun. Each has messages of one
 * feed; its name says which, and the first of them.
 */

import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../errors/system-error.ts'
import { type Damage, type RecordFacts, recordsIn } from './record.ts'

export interface Segment {
  /** 1, 2, 3 … in the folder. */
  readonly number: number
  readonly path: string
  readonly feed: string
  /** Its first message. */
  readonly first: number
  bytes: number
  /** When it was written for the last time before this run, in ms since 1970. */
  readonly changedMs: number
}

/** Messages of a feed that were written together. */
export interface StoredEvents extends RecordFacts {
  readonly kind: 'events'
  /** The frame that carries them. */
  readonly text: () => string
}

export type ReadFile = (path: string) => Buffer

const NAME = /^(\d{10})-([0-9a-f]{32})-(\d{1,16})\.fullmesh$/

export function segmentName({
  number,
  feed,
  first,
}: Pick<Segment, 'feed' | 'first' | 'number'>): string {
  return `${String(number).padStart(10, '0')}-${feed}-${first}.fullmesh`
}

export function segmentsIn(folder: string): Segment[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const [, number, feed, first] = NAME.exec(name) ?? []
      if (feed === undefined) return []
      const path = join(folder, name)
      const { mtimeMs: changedMs, size: bytes } = statSync(path)
      return { number: Number(number), path, feed, first: Number(first), bytes, changedMs }
    })
}

/**
 * What is in a segment, without what another program wrote there. None when it is gone.
 *
 * @throws what the system says when the file cannot be read
 */
export function readSegment(segment: Segment, read?: ReadFile): Iterable<StoredEvents | Damage> {
  return contentOf(segment, bytesOf(segment.path, read))
}

function* contentOf(segment: Segment, bytes: Buffer): Iterable<StoredEvents | Damage> {
  let next = segment.first
  for (const found of recordsIn(bytes)) {
    if (found.kind === 'damage') {
      yield found
      continue
    }
    const { atMs, end, from, text } = found
    // A number comes once, also when a record or a file was copied.
    if (from < next || end <= from) continue
    next = end
    yield { kind: 'events', atMs, from, end, text }
  }
}

/**
 * Cuts what is behind the last record: a crash may have torn it. Returns how many bytes that were.
 */
export function cutTail(segment: Segment): number {
  let tail: Damage | undefined
  for (const found of recordsIn(bytesOf(segment.path))) {
    tail = found.kind === 'damage' ? found : undefined
  }
  if (tail === undefined) return 0
  truncateSync(segment.path, tail.start)
  segment.bytes = tail.start
  return tail.end - tail.start
}

function bytesOf(path: string, read: ReadFile = readFileSync): Buffer {
  try {
    return read(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
