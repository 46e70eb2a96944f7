/** Nodes that get too little of their processor. */

import test from 'ava'
import { starvationProblem } from './starvation.ts'

const SEEDS = 12

test('starvation - no healthy link is given up, and dead ones are found in time', (t) => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    t.is(starvationProblem(seed), undefined, `seed ${seed}`)
  }
})
