/**
 * The whole core under facts in any order: nothing throws, and what must hold always holds after
 * every one.
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
      for (const fact of facts) world.tell(fact)
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
      for (const fact of facts) world.tell(fact)
      while (world.node.linkIds.length > 0) world.tell({ kind: 'lose', pick: 0, code: 1006 })
      world.dialed.clear()
      for (let seconds = 0; seconds < 660; seconds += 1) {
        world.tell({ kind: 'wait', ms: 1_000, peersAnswer: true })
        while (world.underWay > 0) world.tell({ kind: 'fail', pick: 0 })
      }
      for (const known of KNOWN_PEERS) {
        expect(world.dialed.has(known), `${known} is not dialed`)
      }
    }),
  )
})
