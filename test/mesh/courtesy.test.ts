/** Who dials first when two nodes hear of each other. */

import test from 'ava'
import { goesFirst } from '../../src/mesh/courtesy.ts'
import { at } from '../helpers/core.ts'

const ADDRESSES = Array.from({ length: 40 }, (_, index) => at(4_001 + index))

test('courtesy - of two nodes exactly one goes first', (t) => {
  for (const one of ADDRESSES) {
    for (const other of ADDRESSES) {
      if (one !== other) t.not(goesFirst(one, other), goesFirst(other, one))
    }
  }
})

test('courtesy - every node goes first to about half of the others', (t) => {
  for (const one of ADDRESSES) {
    const count = ADDRESSES.filter((other) => other !== one && goesFirst(one, other)).length
    t.true(count > 10 && count < 30, `${one} goes first to ${count} of 39`)
  }
})
