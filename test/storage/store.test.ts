import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { NodeEvent } from '../../src/log/events.ts'
import { notWritable, UnreadableError } from '../../src/storage/data-errors.ts'
import { NAMES_MAX, SEGMENT_BYTES_MAX } from '../../src/storage/limits.ts'
import { Store, type StoreOptions } from '../../src/storage/store.ts'
import { eventsIn } from '../../src/wire/feed-codec.ts'
import { meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const [OLD, NEW] = [meshId(1), meshId(2)]

function open(t: ExecutionContext, folder: string, options: Partial<StoreOptions> = {}) {
  const events: NodeEvent[] = []
  const store = new Store({ folder, feed: OLD, report: (event) => events.push(event), ...options })
  t.teardown(() => store.close())
  return { store, events }
}

/** Appends a message whose body is its number, and bytes. */
function append(store: Store, seq: number, bytes = 0, feed = OLD): void {
  const json = JSON.stringify([{ seq, padding: 'x'.repeat(bytes) }])
  const runs = `[{"topic":"a","ageMs":0,"json":${json}}]`
  const data = `{"feed":"${feed}","from":${seq},"heldMs":0,"runs":${runs}}`
  store.append(seq, seq + 1, `{"type":"EVENTS","data":${data}}`)
}

/** The numbers that are stored of a feed, and [first, last] of what is missing. */
function stored(store: Store, feed = OLD, after?: number): readonly unknown[] {
  return [...store.read(feed, after)].flatMap((one) =>
    one.kind === 'missing'
      ? [[one.first, one.last]]
      : eventsIn(one.text()).flatMap(({ bodies }) =>
          bodies.kind === 'json' ? bodies.values.map((body) => Object(body).seq) : [],
        ),
  )
}

function segmentsOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.fullmesh'))
    .sort()
    .map((name) => join(folder, name))
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** A folder in which a run stored the numbers from 1. */
async function storedFolder(t: ExecutionContext, count: number): Promise<string> {
  const folder = join(temporaryFolder(t), 'a', 'data')
  const { store } = open(t, folder)
  for (let seq = 1; seq <= count; seq += 1) append(store, seq)
  await store.stored(count + 1)
  await store.close()
  return folder
}

test('store - what is stored is a closed feed of the next run', async (t) => {
  const folder = await storedFolder(t, 3)
  const { store, events } = open(t, folder, { feed: NEW })
  t.deepEqual(store.feeds(), [OLD])
  t.deepEqual(stored(store), [1, 2, 3])
  t.deepEqual(stored(store, OLD, 2), [3])
  append(store, 1, 0, NEW)
  await store.stored(2)
  t.deepEqual(stored(store, NEW), [1])
  t.is(segmentsOf(folder).length, 2)
  t.deepEqual(events, [])
})

test('store - a start reads what is young, of few files', async (t) => {
  const folder = await storedFolder(t, 3)
  const since = (store: Store, atMs: number, bytesMax: number): readonly number[] =>
    [...store.since(atMs, bytesMax)].map(([, { from }]) => from)
  const second = open(t, folder, { feed: NEW }).store
  append(second, 1, 0, NEW)
  await second.stored(2)
  t.deepEqual(since(second, 0, 1e9), [1, 2, 3])
  t.deepEqual(since(second, Date.now() + 60_000, 1e9), [])
  await second.close()
  const { store } = open(t, folder, { feed: meshId(3) })
  t.deepEqual(since(store, 0, 1e9), [1, 2, 3, 1])
  t.deepEqual(since(store, 0, 1), [1])
})

test('store - stored() waits for the sync, and one sync is for all that wait', async (t) => {
  const syncs: (() => void)[] = []
  const sync = (): Promise<void> => new Promise((resolve) => syncs.push(resolve))
  const { store } = open(t, temporaryFolder(t), { sync })
  t.teardown(() => setInterval(() => syncs.pop()?.(), 1).unref())
  const done: number[] = []
  const wait = (seq: number): Promise<unknown> => store.stored(seq + 1).then(() => done.push(seq))
  const first = wait(1)
  append(store, 1)
  const others = [2, 3, 4].map((seq) => {
    append(store, seq)
    return wait(seq)
  })
  t.is(syncs.length, 1)
  t.deepEqual(done, [])
  syncs.pop()?.()
  await first
  await waitUntil(
    () => syncs.length === 1,
    () => 'no second sync',
  )
  t.deepEqual(done, [1])
  syncs.pop()?.()
  await Promise.all(others)
  t.is(syncs.length, 0)
})

test('store - a sync that fails is told once, and never tried again', async (t) => {
  let syncs = 0
  const sync = async (): Promise<void> => {
    syncs += 1
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  }
  const folder = temporaryFolder(t)
  const { store, events } = open(t, folder, { sync })
  append(store, 1)
  await t.throwsAsync(store.stored(2), { code: 'DATA_FAILED', message: /EIO/ })
  append(store, 2)
  await t.throwsAsync(store.stored(3), { code: 'DATA_FAILED' })
  await store.close()
  t.is(syncs, 1)
  t.deepEqual(events, [{ kind: 'data-failed', folder, reason: 'EIO' }])
  t.deepEqual(stored(open(t, folder, { feed: NEW }).store), [1])
})

test('store - a lack of descriptors is a failure as any other', async (t) => {
  const cause = Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
  const folder = temporaryFolder(t)
  const { store, events } = open(t, folder, { sync: () => Promise.reject(cause) })
  append(store, 1)
  await t.throwsAsync(store.stored(2), { code: 'DATA_FAILED', message: /EMFILE/ })
  t.deepEqual(events, [{ kind: 'data-failed', folder, reason: 'EMFILE' }])
})

test('store - a torn tail is cut, with a warning', async (t) => {
  const folder = await storedFolder(t, 2)
  const [path = ''] = segmentsOf(folder)
  const { size } = statSync(path)
  appendFileSync(path, readFileSync(path).subarray(0, 30))
  const { store, events } = open(t, folder, { feed: NEW })
  t.deepEqual(events, [{ kind: 'data-damaged', path, bytes: 30, isCut: true }])
  t.deepEqual(stored(store), [1, 2])
  t.is(statSync(path).size, size)
})

test('store - a byte that flips is a gap, and nothing else is lost', async (t) => {
  const folder = await storedFolder(t, 9)
  const [path = ''] = segmentsOf(folder)
  const bytes = readFileSync(path)
  for (let at = 0; at < bytes.length; at += 7) {
    const damaged = Buffer.from(bytes)
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at)
    writeFileSync(path, damaged)
    const hit = 1 + Math.floor((at * 9) / bytes.length)
    const { store, events } = open(t, folder, { feed: NEW })
    const wanted = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((seq): readonly unknown[] => {
      if (seq !== hit) return [seq]
      return seq === 9 ? [] : [[seq, seq]]
    })
    t.deepEqual(stored(store, OLD, 0), wanted, `byte ${at}`)
    t.is(events[0]?.kind, 'data-damaged')
    await store.close()
  }
})

test('store - the oldest is deleted when there is too much, and told as a gap', async (t) => {
  const folder = temporaryFolder(t)
  const { store } = open(t, folder, { mib: 8 })
  // 1 MiB a segment, of which each has 10.
  for (let seq = 1; seq <= 200; seq += 1) append(store, seq, 100_000)
  await store.stored(201)
  const size = segmentsOf(folder).reduce((sum, path) => sum + statSync(path).size, 0)
  t.true(size <= 8 * 1024 * 1024 && size > 6 * 1024 * 1024, String(size))
  const [gap, first] = stored(store, OLD, 5)
  t.deepEqual(gap, [6, Number(first) - 1])
  t.is(stored(store)[0], first)
  t.is(stored(store).at(-1), 200)
  await store.close()
  // Of a feed that is deleted as a whole, too.
  const next = open(t, folder, { feed: NEW, mib: 8 }).store
  for (let seq = 1; seq <= 100; seq += 1) append(next, seq, 100_000, NEW)
  await next.stored(101)
  t.deepEqual(next.feeds(), [])
  t.deepEqual(stored(next, OLD, 150), [[151, 200]])
  await next.close()
  t.deepEqual(stored(open(t, folder, { feed: meshId(3) }).store, OLD, 150), [[151, 200]])
})

test('store - a segment has at most SEGMENT_BYTES_MAX', async (t) => {
  const folder = temporaryFolder(t)
  const { store } = open(t, folder)
  append(store, 1, 1)
  const [path = ''] = segmentsOf(folder)
  const rest = SEGMENT_BYTES_MAX - statSync(path).size
  const overhead = statSync(path).size - 1
  const parts = Math.ceil(rest / 200_000)
  const size = Math.floor(rest / parts)
  for (let seq = 2; seq < 1 + parts; seq += 1) append(store, seq, size - overhead - 2)
  const last = SEGMENT_BYTES_MAX - statSync(path).size - overhead
  append(store, 1 + parts, last - String(1 + parts).length * 2 + 2)
  t.is(statSync(path).size, SEGMENT_BYTES_MAX)
  t.is(segmentsOf(folder).length, 1)
  append(store, 2 + parts, 1)
  t.is(segmentsOf(folder).length, 2)
  await store.stored(3 + parts)
})

test('store - a copied folder has the same closed feed, and does no harm', async (t) => {
  const folder = await storedFolder(t, 3)
  const { store } = open(t, folder, { feed: NEW })
  append(store, 1, 0, NEW)
  await store.stored(2)
  cpSync(folder, `${folder}-copy`, { recursive: true })
  const copy = open(t, `${folder}-copy`, { feed: meshId(3) }).store
  append(copy, 1, 0, meshId(3))
  await copy.stored(2)
  append(store, 2, 0, NEW)
  await store.stored(3)
  t.deepEqual(copy.feeds(), [OLD, NEW])
  t.deepEqual(stored(copy, NEW), [1])
  t.deepEqual(stored(store, NEW), [1, 2])
})

test('store - a file that cannot be read at the moment is waited for, and a damaged one is not', async (t) => {
  const folder = await storedFolder(t, 2)
  let code: string | undefined
  const read = (path: string): Buffer => {
    if (code !== undefined) throw systemError(code)
    return readFileSync(path)
  }
  const { store, events } = open(t, folder, { feed: NEW, read })
  const [path = ''] = segmentsOf(folder)
  for (const momentary of ['EMFILE', 'EACCES']) {
    code = momentary
    t.throws(() => stored(store), { instanceOf: UnreadableError })
    t.deepEqual(events.splice(0), [{ kind: 'data-unreadable', path, reason: code }])
    // A start goes on without it.
    t.deepEqual([...store.since(0, 1e9)], [])
    t.is(events.splice(0).length, 1)
  }
  code = 'EIO'
  t.deepEqual(stored(store), [])
  t.deepEqual(events.splice(0), [{ kind: 'data-damaged', path, bytes: 0, isCut: false }])
  code = undefined
  t.deepEqual(stored(store), [1, 2])
})

test('store - a file that cannot be read is deleted all the same', async (t) => {
  const folder = await storedFolder(t, 2)
  const [oldest = ''] = segmentsOf(folder)
  const read = (): never => {
    throw systemError('EMFILE')
  }
  const { store, events } = open(t, folder, { feed: NEW, mib: 1, read })
  for (let seq = 1; seq <= 20; seq += 1) append(store, seq, 60_000, NEW)
  await store.stored(21)
  t.false(existsSync(oldest))
  t.deepEqual(events, [{ kind: 'data-unreadable', path: oldest, reason: 'EMFILE' }])
})

test('store - is for one node, and tells who has it', (t) => {
  const folder = temporaryFolder(t)
  open(t, folder)
  const message = new RegExp(`${folder} is the DATA of another node, process ${process.pid};`)
  const error = t.throws(() => open(t, folder), { code: 'DATA_IN_USE', message })
  // That node may end by itself.
  t.like(error, { exitCode: 1 })
})

test('store - a folder that cannot be written is an error of one line', (t) => {
  const folder = temporaryFolder(t, { file: '' })
  const error = t.throws(() => open(t, join(folder, 'file', 'data')), { code: 'DATA_NOT_WRITABLE' })
  t.regex(error?.message ?? '', /^\S+ cannot be written \(ENOTDIR\); [^\n]+$/)
  t.like(error, { exitCode: 2 })
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const full = notWritable(folder, systemError(code))
    t.like(full, { code: 'DATA_NOT_WRITABLE', exitCode: 1 })
  }
})

test('store - a place is where it was, and a damaged one begins again', async (t) => {
  const folder = temporaryFolder(t)
  const { store } = open(t, folder)
  t.is(store.wantedFrom(OLD), undefined)
  store.openPlace('a').moveTo(OLD, 7)
  store.openPlace('b').moveTo(OLD, 5)
  t.throws(() => store.openPlace('a'), { message: /has the name 'a'; end it first/ })
  t.is(store.wantedFrom(OLD), 6)
  await store.close()
  const next = open(t, folder, { feed: NEW }).store
  t.is(next.wantedFrom(OLD), 6)
  t.is(next.wantedFrom(NEW), 1)
  t.is(next.openPlace('a').lastOf(OLD), 7)
  await next.close()
  const path = join(folder, 'a.place')
  truncateSync(path, 20)
  const { store: last, events } = open(t, folder, { feed: NEW })
  t.is(last.openPlace('a').lastOf(OLD), undefined)
  t.deepEqual(events, [{ kind: 'data-damaged', path, bytes: 0, isCut: false }])
})

test('store - a place is written without a stop', async (t) => {
  const folder = temporaryFolder(t)
  const { store } = open(t, folder)
  store.openPlace('a').moveTo(OLD, 7)
  const path = join(folder, 'a.place')
  await waitUntil(
    () => existsSync(path),
    () => 'not written',
  )
  const copy = temporaryFolder(t, { 'a.place': readFileSync(path) })
  t.is(open(t, copy, { feed: NEW }).store.wantedFrom(OLD), 8)
})

test('store - has at most NAMES_MAX places', (t) => {
  const folder = temporaryFolder(t)
  const { store } = open(t, folder)
  for (let name = 0; name < NAMES_MAX; name += 1) store.openPlace(String(name))
  const message = new RegExp(`^${folder} has places for ${NAMES_MAX} .* 'more' gets none; stop `)
  t.throws(() => store.openPlace('more'), { message })
})
