import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { PLACE_PAUSE_MS, PLACES_MAX } from '../../src/storage/limits.ts'
import { Places } from '../../src/storage/places.ts'
import { readSmallFile } from '../../src/storage/small-file.ts'
import { meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const FEED = meshId(1)

function open(t: ExecutionContext, folder = temporaryFolder(t)) {
  const failures: string[] = []
  const places = new Places({
    folder,
    onDamaged: (path) => t.fail(path),
    onFailed: (path, cause) => failures.push(`${path} ${Object(cause).code}`),
  })
  t.teardown(() => places.close())
  const place = places.open('one')
  if (typeof place === 'string') throw new Error(place)
  return { folder, places, place, failures, path: join(folder, 'one.place') }
}

/** What is in the file of a place now. */
function written(t: ExecutionContext, folder: string): number | undefined {
  return open(t, folder).place.lastOf(FEED)
}

const isThere = (path: string): Promise<void> =>
  waitUntil(
    () => existsSync(path),
    () => `${path} is not written`,
  )

test('places - one that cannot be written is told once, and tried again with the next message', async (t) => {
  const { failures, folder, path, place } = open(t)
  // Nobody can open it as a file.
  const obstacle = `${path}.tmp`
  const failed = async (count: number): Promise<void> => {
    await waitUntil(
      () => failures.length === count,
      () => failures.join(),
    )
  }
  mkdirSync(obstacle)
  place.moveTo(FEED, 1)
  await failed(1)
  place.moveTo(FEED, 2)
  let writes = 0
  place.update = () => {
    writes += 1
  }
  await waitUntil(
    () => writes === 1,
    () => 'not tried again',
  )
  t.deepEqual(failures, [`${path} EISDIR`])
  rmSync(obstacle, { recursive: true })
  place.moveTo(FEED, 3)
  await isThere(path)
  t.is(written(t, folder), 3)
  // After one that succeeds it is told again.
  mkdirSync(obstacle)
  place.moveTo(FEED, 4)
  await failed(2)
})

test('places - one that could not be written is tried again at the end', async (t) => {
  const { failures, folder, path, place, places } = open(t)
  mkdirSync(`${path}.tmp`)
  place.moveTo(FEED, 7)
  await waitUntil(
    () => failures.length === 1,
    () => 'no failure',
  )
  rmSync(`${path}.tmp`, { recursive: true })
  await places.close()
  t.is(written(t, folder), 7)
})

test('places - PLACES_MAX senders are remembered, and of one more the first is not', async (t) => {
  const { folder, place, places } = open(t)
  for (let sender = 1; sender <= PLACES_MAX; sender += 1) place.moveTo(meshId(sender), sender)
  t.is(place.lastOf(FEED), 1)
  place.moveTo(meshId(PLACES_MAX + 1), 1)
  t.is(place.lastOf(FEED), undefined)
  t.is(place.lastOf(meshId(2)), 2)
  await places.close()
  t.is(open(t, folder).place.feeds().length, PLACES_MAX)
})

test.serial('places - one is written when PLACE_PAUSE_MS have passed, and not before', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { place } = open(t)
  let writes = 0
  place.update = () => {
    writes += 1
  }
  for (const seq of [1, 2, 3]) place.moveTo(FEED, seq)
  mock.timers.tick(PLACE_PAUSE_MS - 1)
  t.is(writes, 0)
  mock.timers.tick(1)
  t.is(writes, 1)
})

test.serial('places - what is moved just before a write needs no other one', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { place } = open(t)
  let writes = 0
  place.update = () => {
    writes += 1
    place.moveTo(FEED, 1 + writes)
  }
  place.moveTo(FEED, 1)
  mock.timers.tick(PLACE_PAUSE_MS)
  mock.timers.tick(PLACE_PAUSE_MS)
  t.is(writes, 1)
})

test('places - what is moved during a write is written after it', async (t) => {
  const { path, place } = open(t)
  place.update = () => queueMicrotask(() => place.moveTo(FEED, 2))
  place.moveTo(FEED, 1)
  await waitUntil(
    () => readSmallFile(path) === JSON.stringify({ [FEED]: 2 }),
    () => String(readSmallFile(path)),
  )
  t.is(place.lastOf(FEED), 2)
})
