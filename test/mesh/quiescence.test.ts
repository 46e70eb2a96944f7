/** Whether the mesh around us has come to rest. */

import test from 'ava'
import { Calm } from '../../src/mesh/dialing/quiescence.ts'

const EVER = Number.POSITIVE_INFINITY

test('calm - it is calm from the start', (t) => {
  t.is(new Calm().sinceMs(1_000, EVER), Number.NEGATIVE_INFINITY)
})

test('calm - it is calm when nobody has joined for the pause', (t) => {
  const calm = new Calm()
  calm.joined(10_000)
  t.is(calm.sinceMs(1_000, EVER), 11_000)
  calm.joined(10_500)
  t.is(calm.sinceMs(1_000, EVER), 11_500)
})

test('calm - however many join, nobody waits longer than he wants', (t) => {
  const calm = new Calm()
  calm.joined(10_000)
  t.is(calm.sinceMs(1_000, 10_999), 10_999)
})
