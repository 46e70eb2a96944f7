/**
 * The whole core under inputs in any order: nothing throws, and the invariants hold after each one.
 */

import test from 'ava'
import fc from 'fast-check'
import { anyDraw, anyFacts, KNOWN_PEERS } from '../helpers/arbitraries.ts'
import { holds } from '../helpers/property.ts'
import { expect, World } from '../helpers/world.ts'

test('any input - the invariants hold after every input', (t) => {
  holds(
    t,
    500,
    fc.property(anyFacts(100), anyDraw, (facts, draw) => {
      const world = new World(() => draw)
      for (const fact of facts) world.apply(fact)
      world.stop()
    }),
  )
})

test('any input - every lost known peer is dialed again after any inputs', (t) => {
  holds(
    t,
    50,
    fc.property(anyFacts(60), (facts) => {
      const world = new World(() => 0.5)
      for (const fact of facts) world.apply(fact)
      while (world.node.linkIds.length > 0) world.apply({ kind: 'lose', pick: 0, code: 1006 })
      world.dialed.clear()
      for (let seconds = 0; seconds < 660; seconds += 1) {
        world.apply({ kind: 'wait', ms: 1_000, peersAnswer: true })
        while (world.underWay > 0) world.apply({ kind: 'fail', pick: 0 })
      }
      for (const known of KNOWN_PEERS) {
        expect(world.dialed.has(known), `${known} is not dialed`)
      }
    }),
  )
})
