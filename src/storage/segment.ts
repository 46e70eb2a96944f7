/**
 * Segments: the files of a folder, in the order in which they were begun. Each has messages of one
 * feed; its name says which, and the first of them.
 */

import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../errors/system-error.ts'
import { decodePubSub } from '../wire/feed-codec.ts'
import type { Run } from '../wire/feed-messages.ts'
import { countItems } from '../wire/feed-messages.ts'
import { type Damage, recordsIn } from './record.ts'

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
export interface StoredEvents {
  readonly kind: 'events'
  readonly from: number
  /** The number after the last one. */
  readonly end: number
  /** When they were published, in ms since 1970. */
  readonly atMs: number
  readonly runs: readonly Run[]
  /** The frame that carries them. */
  readonly text: string
}

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

/** What is in a segment, without what another program wrote there. None when it is gone. */
export function readSegment(segment: Segment): Iterable<StoredEvents | Damage> {
  return contentOf(segment, bytesOf(segment.path))
}

function* contentOf(segment: Segment, bytes: Buffer): Iterable<StoredEvents | Damage> {
  let end = segment.first
  for (const found of recordsIn(bytes)) {
    if (found.kind === 'damage') {
      yield found
      continue
    }
    const events = eventsIn(found.text, segment.feed)
    // A number comes once, also when a record was copied.
    if (events === undefined || events.from < end) continue
    end = events.end
    yield { ...events, kind: 'events', atMs: found.atMs, text: found.text }
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

function eventsIn(
  text: string,
  feed: string,
): Pick<StoredEvents, 'from' | 'end' | 'runs'> | undefined {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof frame !== 'object' || frame === null || !('data' in frame)) return undefined
  const message = decodePubSub('EVENTS', frame.data)
  if (typeof message === 'string' || message.type !== 'EVENTS') return undefined
  const { feed: of, from, runs } = message.data
  return of === feed ? { from, end: from + countItems(runs), runs } : undefined
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}
