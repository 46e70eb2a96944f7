/** Simulated runs, and tests of the simulator itself. */

import test from 'ava'
import { FORGET_AFTER_MS } from '../../src/mesh/limits.ts'
import { departure, forgetting } from './departure.ts'
import { planFor } from './plan.ts'
import { REGRESSIONS } from './regressions.ts'
import { carryOut } from './run.ts'
import { measure } from './scale.ts'
import { comeToRest, failureOf } from './seeds.ts'
import { Trace } from './trace.ts'

comeToRest(test, 1_000, 1_030)

for (const seed of REGRESSIONS) {
  test.serial(`simulator - seed ${seed}, which once found a bug, comes to rest`, (t) => {
    t.is(failureOf(seed), undefined)
  })
}

test.serial('simulator - the same seed gives the same run', (t) => {
  const [one, other] = [new Trace(true), new Trace(true)]
  carryOut(planFor(5), one)
  carryOut(planFor(5), other)
  t.deepEqual(one.tail(1_000), other.tail(1_000))
})

test.serial(
  'simulator - a mesh of 100 that starts at once is complete within seconds',
  async (t) => {
    const options = { nodes: 100, seed: 1, latencyMs: 5, spreadMs: 100 }
    const { complete, virtualMs, duplicates } = await measure(options)
    t.true(complete)
    t.true(virtualMs < 5_000, `it took ${virtualMs} ms`)
    t.true(duplicates < 0.02, `${100 * duplicates} % of the pairs dialed each other twice`)
  },
)

test.serial(
  'simulator - nodes that start at once do not dial each other twice, whatever the latency',
  async (t) => {
    const options = { nodes: 100, seed: 1, latencyMs: 200, spreadMs: 1_000 }
    const { complete, virtualMs, duplicates } = await measure(options)
    t.true(complete)
    t.true(virtualMs < 10_000, `it took ${virtualMs} ms`)
    t.true(duplicates < 0.05, `${100 * duplicates} % of the pairs dialed each other twice`)
  },
)

test.serial('simulator - a node that left is dialed for a day and then forgotten', (t) => {
  const { remembered, forgotten } = departure(FORGET_AFTER_MS)
  t.true(remembered)
  t.true(forgotten)
})

test.serial('simulator - a mesh is complete when its nodes forget the one that left', (t) => {
  const { before, after } = forgetting()
  t.deepEqual(before, ['missing', 'missing'])
  t.deepEqual(after, ['complete', 'complete'])
})
