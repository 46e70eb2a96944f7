/** Somebody looks at the mesh, for a moment or for longer. */

import test from 'ava'
import { Gaze } from '../../src/http/survey-scheduler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

function gazeFor(gazeMs: number, glanceMs = 1) {
  const counter = { looks: 0 }
  const look = (): void => {
    counter.looks += 1
  }
  return { counter, gaze: new Gaze({ look, gazeMs, glanceMs }) }
}

test('gaze - while somebody looks, the peers are asked again and again', async (t) => {
  const { counter, gaze } = gazeFor(5)
  gaze.hold(true)
  t.is(counter.looks, 1)
  await waitUntil(
    () => counter.looks > 3,
    () => `${counter.looks} looks`,
  )
  gaze.hold(false)
  const { looks } = counter
  const later = gazeFor(5)
  later.gaze.hold(true)
  await waitUntil(
    () => later.counter.looks > 3,
    () => `${later.counter.looks} looks`,
  )
  later.gaze.hold(false)
  t.is(counter.looks, looks, 'nobody looks any more')
})

test('gaze - a glance asks once, and waits for answers', async (t) => {
  const { counter, gaze } = gazeFor(60_000, 20)
  const startMs = performance.now()
  await gaze.glance()
  t.is(counter.looks, 1)
  t.true(performance.now() - startMs >= 19)
})

test('gaze - a glance while somebody looks has its answers already', async (t) => {
  const { counter, gaze } = gazeFor(60_000, 60_000)
  gaze.hold(true)
  await gaze.glance()
  gaze.hold(false)
  t.is(counter.looks, 1)
})

test('gaze - after a change it looks twice more, and once for many changes', async (t) => {
  const counter = { looks: 0 }
  const look = (): void => {
    counter.looks += 1
  }
  const gaze = new Gaze({ look, gazeMs: 60_000, stirMs: [1, 20] })
  gaze.stir()
  gaze.hold(true)
  for (let change = 0; change < 10; change += 1) gaze.stir()
  await waitUntil(
    () => counter.looks === 3,
    () => `${counter.looks} looks`,
  )
  gaze.stir()
  gaze.hold(false)
  const { looks } = counter
  await new Gaze({ look: () => {}, glanceMs: 40 }).glance()
  t.is(counter.looks, looks, 'nobody looks any more')
})
