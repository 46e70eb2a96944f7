/** Simulated runs in which nodes publish, and what one slow peer and many nodes change. */

import test from 'ava'
import { MESSAGE_REGRESSIONS } from '../regressions.ts'
import { comeToRest, failureOf } from '../seeds.ts'
import { isolation } from './isolation.ts'
import { measureMessages } from './large-mesh.ts'

comeToRest(test, 51_000, 51_020)

for (const seed of MESSAGE_REGRESSIONS) {
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
