import { fstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { Journal, type JournalOptions } from '../../src/storage/journal.ts'
import { SEGMENTS_MAX } from '../../src/storage/limits.ts'
import type { Segment } from '../../src/storage/segment.ts'
import { synced } from '../../src/storage/small-file.ts'
import { meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const MIB = 1024 * 1024

function open(t: ExecutionContext, options: Partial<JournalOptions> = {}) {
  const folder = temporaryFolder(t)
  const failures: unknown[] = []
  const deleted: Segment[] = []
  const journal = new Journal({
    folder,
    feed: meshId(1),
    bytesMax: 8 * MIB,
    segments: [],
    onDelete: (segment) => deleted.push(segment),
    onFailed: (cause) => failures.push(cause),
    ...options,
  })
  t.teardown(() => journal.close())
  const append = (seq: number, bytes = 10): void => journal.append(seq, seq + 1, 'x'.repeat(bytes))
  const segments = (): number => readdirSync(folder).length
  return { append, deleted, failures, folder, journal, segments }
}

/** Syncs that wait to be let go. */
function heldSyncs() {
  const held: (() => void)[] = []
  let running = 0
  const sync = async (descriptor: number): Promise<void> => {
    running += 1
    await new Promise<void>((resolve) => held.push(resolve))
    await synced(descriptor)
    running -= 1
  }
  const next = async (): Promise<void> => {
    await waitUntil(
      () => held.length > 0,
      () => 'no sync',
    )
    held.shift()?.()
  }
  return { sync, next, running: () => running }
}

test('journal - a close lets no sync run on, and takes nothing more', async (t) => {
  const { next, running, sync } = heldSyncs()
  const { append, failures, folder, journal } = open(t, { sync })
  append(1)
  const whenClosed = journal.close()
  append(2)
  const late = journal.stored(3)
  late.catch(() => {})
  const helping = setInterval(() => void next(), 1)
  t.teardown(() => clearInterval(helping))
  await whenClosed
  t.is(running(), 0)
  await t.throwsAsync(late, { message: /stopped/ })
  t.deepEqual(failures, [])
  const [file = ''] = readdirSync(folder)
  t.true(statSync(join(folder, file)).size > 0)
})

test('journal - a close syncs all that was written, also during the last sync', async (t) => {
  const { next, sync } = heldSyncs()
  let syncs = 0
  const counted = (descriptor: number): Promise<void> => {
    syncs += 1
    return sync(descriptor)
  }
  const { append, failures, journal } = open(t, { sync: counted })
  append(1)
  const first = journal.stored(2)
  append(2)
  const whenClosed = journal.close()
  await next()
  await first
  await next()
  await whenClosed
  t.is(syncs, 2)
  t.deepEqual(failures, [])
})

test('journal - a segment that somebody deleted is no failure', (t) => {
  const { append, deleted, failures, folder, segments } = open(t)
  append(1, 200_000)
  const [file = ''] = readdirSync(folder)
  rmSync(join(folder, file))
  for (let seq = 2; deleted.length === 0 && seq < 100; seq += 1) append(seq, 200_000)
  t.is(deleted.length, 1)
  t.deepEqual(failures, [])
  t.true(segments() > 1)
})

test('journal - what failed keeps no file open', async (t) => {
  const sync = (): Promise<void> => Promise.reject(new Error('EIO'))
  const { append, failures, folder, journal } = open(t, { sync, bytesMax: 8_000 })
  append(1, 700)
  t.is(openFilesOf(folder), 1)
  // The second one begins another file.
  append(2, 700)
  await t.throwsAsync(journal.stored(3))
  await waitUntil(
    () => openFilesOf(folder) === 0,
    () => `${openFilesOf(folder)} files are open`,
  )
  t.is(failures.length, 1)
})

/** How many files of a folder this process has open. */
function openFilesOf(folder: string): number {
  const files = readdirSync(folder).map((name) => statSync(join(folder, name)).ino)
  return Array.from({ length: 256 }, (_, descriptor) => {
    try {
      return fstatSync(descriptor).ino
    } catch {
      return undefined
    }
  }).filter((ino) => ino !== undefined && files.includes(ino)).length
}

test('journal - SEGMENTS_MAX files are kept, and of one more the oldest is deleted', (t) => {
  for (const more of [0, 1]) {
    const segments = Array.from(
      { length: SEGMENTS_MAX - 1 + more },
      (_, at): Segment => ({
        number: at + 1,
        path: join(temporaryPath, String(at)),
        feed: meshId(2),
        first: 1,
        bytes: 10,
        changedMs: 0,
      }),
    )
    const { append, deleted, journal } = open(t, { segments })
    append(1)
    t.deepEqual(
      deleted.map(({ number }) => number),
      more === 0 ? [] : [1],
    )
    t.is(journal.segments.length, SEGMENTS_MAX)
  }
})

/** Nothing is there. */
const temporaryPath = join('/', 'nowhere')
