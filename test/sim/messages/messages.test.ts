/** Simulated runs in which nodes publish, and what one slow peer and many nodes change. */

import test from 'ava'
import { comeToRest, failureOf } from '../seeds.ts'
import { isolation } from './isolation.ts'
import { measureMessages } from './large-mesh.ts'

/** Seeds that found a bug when they were first run. */
const REGRESSIONS = [
  50_000, // A link that is full and pauses kept the deadline in the past.
  50_004, // An entry was due and not dropped, as the times were rounded in two ways.
  50_065, // An answer for what was sent beyond the window opened the window again.
  50_092, // A gap from 1 to 0.
  50_236, // A gap came after one of higher numbers.
  50_283, // A feed began amid an answer whose start was ignored.
  50_306,
  50_640, // Numbers forged in the name of one that had published nothing hid its first ones.
  51_148, // Gaps among what was taken back came out of order to a program that reads late.
  51_938, // Unknown feeds hid one whose owner had been linked.
  52_371, // What an owner had dropped before it was sent was no gap.
  68_785, // A forged gap hid where a feed ends from a link that was verified after it had said so.
]

comeToRest(test, 51_000, 51_020)

for (const seed of REGRESSIONS) {
  test.serial(`simulator - messages: seed ${seed}, which once found a bug, comes to rest`, (t) => {
    t.is(failureOf(seed), undefined)
  })
}

test.serial('simulator - messages: a slow peer delays nobody', (t) => {
  const { lateMs, missing, silentCloses, slowestMs } = isolation(1)
  t.true(slowestMs <= 10, `${slowestMs} ms from publish to delivered`)
  t.true(lateMs > 1_000, 'the slow peer is not slow')
  t.is(silentCloses, 0)
  t.is(missing, undefined)
})

test.serial('simulator - messages: in a mesh of 60 all have all, also of those that died', (t) => {
  // In each of them the first round leaves somebody out.
  for (const seed of [1, 5, 11]) {
    const { agreedMs, gaps, missing } = measureMessages({ nodes: 60, publishers: 10, seed })
    t.is(missing, undefined)
    t.true(agreedMs <= 10_000, `seed ${seed} took ${agreedMs} ms`)
    t.is(gaps, 0)
  }
})
