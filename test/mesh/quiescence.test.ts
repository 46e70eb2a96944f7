/** Whether no node has joined for a while. */

import test from 'ava'
import { Quiescence } from '../../src/mesh/dialing/quiescence.ts'

const EVER = Number.POSITIVE_INFINITY

test('quiescence - holds from the start', (t) => {
  t.is(new Quiescence().quiescentAtMs(1_000, EVER), Number.NEGATIVE_INFINITY)
})

test('quiescence - holds once no node has joined for the pause', (t) => {
  const quiescence = new Quiescence()
  quiescence.joined(10_000)
  t.is(quiescence.quiescentAtMs(1_000, EVER), 11_000)
  quiescence.joined(10_500)
  t.is(quiescence.quiescentAtMs(1_000, EVER), 11_500)
})

test('quiescence - a wait ends at its own limit, whatever the number of nodes that join', (t) => {
  const quiescence = new Quiescence()
  quiescence.joined(10_000)
  t.is(quiescence.quiescentAtMs(1_000, 10_999), 10_999)
})
