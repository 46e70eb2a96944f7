/** The cases of test/frames on the other runtimes, which have sockets of their own. */

import test from 'ava'
import { accepted, dialed, EXPECTED } from '../frames/players.ts'
import { FETCH_MS, runtimeCalled } from './runtimes.ts'

const NAMES = ['Bun 1', 'Deno 2'] as const

test.before('fetches the runtimes', async (t) => {
  t.timeout(FETCH_MS)
  for (const name of NAMES) t.truthy(await runtimeCalled(name))
})

for (const name of NAMES) {
  for (const upgrade of ['as nodes send it', 'with an odd header'] as const) {
    test.serial(`frames - on a connection that ${name} accepts, upgrade ${upgrade}`, async (t) => {
      t.deepEqual(await accepted(t, upgrade, await runtimeCalled(name)), EXPECTED)
    })
  }

  test.serial(`frames - on a connection that ${name} dials`, async (t) => {
    t.deepEqual(await dialed(t, await runtimeCalled(name)), EXPECTED)
  })
}
