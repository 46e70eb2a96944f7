/** When the place of a named subscription moves on. */

import test, { type ExecutionContext } from 'ava'
import { encode } from '../../src/node/messages.ts'
import { Subscriptions } from '../../src/node/subscriptions.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import type { Place } from '../../src/storage/places.ts'
import { Store } from '../../src/storage/store.ts'
import { meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const OWN = meshId(1)

function open(t: ExecutionContext) {
  const store = new Store({ folder: temporaryFolder(t), feed: OWN, report: () => {} })
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
