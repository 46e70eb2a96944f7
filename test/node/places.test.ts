/** When the place of a named subscription moves on. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { encode } from '../../src/node/messages.ts'
import { Subscriptions } from '../../src/node/subscriptions.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import type { Place } from '../../src/storage/places.ts'
import { Store, type StoreOptions } from '../../src/storage/store.ts'
import { meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const OWN = meshId(1)

function open(t: ExecutionContext, options: Partial<StoreOptions> = {}) {
  const folder = temporaryFolder(t)
  const store = new Store({ folder, feed: OWN, report: () => {}, ...options })
  t.teardown(() => store.close())
  const places: Place[] = []
  const openPlace = store.openPlace.bind(store)
  store.openPlace = (name) => {
    const place = openPlace(name)
    places.push(place)
    return place
  }
  const nowMs = monotonicMs()
  const pubsub = new PubSub({ feed: OWN, nowMs, random: Math.random, takesRelayed: false })
  const subscriptions = new Subscriptions({
    pubsub,
    own: OWN,
    addressOf: () => undefined,
    store,
    onError: ({ error }) => t.fail(String(error)),
  })
  const handled: unknown[] = []
  subscriptions.handle('a.>', ({ body }) => handled.push(body), { name: 'one' })
  const publish = (topic: string): void => {
    pubsub.publish(encode(topic, 1))
    pubsub.handle({ kind: 'turn-ended' }, nowMs)
    subscriptions.wake()
  }
  const [place] = places
  if (place === undefined) throw new Error('no place')
  return { handled, place, publish, subscriptions }
}

const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

test('places - never move past a message that was taken and not handled', async (t) => {
  for (let steps = 0; steps < 12; steps += 1) {
    const { handled, place, publish } = open(t)
    await turn()
    publish('a.b')
    for (let step = 0; step < steps; step += 1) await Promise.resolve()
    // What the end of a node does.
    place.update()
    t.is(place.lastOf(OWN) ?? 0, handled.length, `${steps} steps`)
    await turn()
    t.is(handled.length, 1)
  }
})

test('places - move past other topics when all was handled, and when the node stops', async (t) => {
  const { handled, place, publish, subscriptions } = open(t)
  publish('b')
  await turn()
  t.is(place.lastOf(OWN), undefined)
  place.update()
  t.is(place.lastOf(OWN), 1)
  publish('b')
  await turn()
  subscriptions.close()
  t.is(place.lastOf(OWN), 2)
  t.deepEqual(handled, [])
})

/** A folder in which an earlier run stored messages 1 to 3, the last one in a second file. */
async function earlierFolder(t: ExecutionContext): Promise<string> {
  const folder = temporaryFolder(t)
  const store = new Store({ folder, mib: 1, feed: meshId(2), report: () => {} })
  for (const seq of [1, 2, 3]) {
    const json = JSON.stringify([{ seq, padding: 'x'.repeat(60_000) }])
    const runs = `[{"topic":"a.b","ageMs":0,"json":${json}}]`
    const data = `{"feed":"${meshId(2)}","from":${seq},"heldMs":0,"runs":${runs}}`
    store.append(seq, seq + 1, `{"type":"EVENTS","data":${data}}`)
  }
  await store.close()
  return folder
}

test('places - a file that cannot be read holds up what is behind it, and each comes once', async (t) => {
  const folder = await earlierFolder(t)
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.fullmesh'))
    .map((name) => join(folder, name))
  t.is(files.length, 2)
  let isShort = true
  let reads = 0
  const read = (path: string): Buffer => {
    if (path === files.at(-1) && isShort) {
      reads += 1
      throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
    }
    return readFileSync(path)
  }
  const { handled, publish } = open(t, { folder, read })
  const seqs = (): readonly unknown[] => handled.map((body) => Object(body).seq ?? body)
  await waitUntil(
    () => reads === 1,
    () => 'not read',
  )
  publish('a.b')
  await turn()
  t.deepEqual(seqs(), [1, 2])
  await waitUntil(
    () => reads === 2,
    () => 'not read again',
  )
  isShort = false
  await waitUntil(
    () => handled.length === 4,
    () => JSON.stringify(seqs()),
  )
  t.deepEqual(seqs(), [1, 2, 3, 1])
})
