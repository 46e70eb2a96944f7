/** The way back of a mesh of 50 that has lost half of its nodes. */

import test from 'ava'
import { halvesApart, killed } from './recovery.ts'

const NODES = 50
const isOdd = (index: number): boolean => index % 2 === 1

/** Each of the other 25 to each of the 25. */
const PAIRS = 25 * 25

test('recovery - half of 50, killed and started again, are back when the last has started', (t) => {
  const options = { nodes: NODES, seed: 1, victims: isOdd, backWithinMs: 3_000 }
  const { wholeMs, refusedDials } = killed(options)
  t.true(wholeMs <= 3_500, `whole after ${wholeMs} ms`)
  t.true(refusedDials < PAIRS, `${refusedDials} dials of nodes that did not run`)
})

test('recovery - nodes that start slowly are dialed hardly more often', (t) => {
  const options = { nodes: NODES, seed: 1, victims: isOdd, backWithinMs: 8_000 }
  const { wholeMs, refusedDials } = killed(options)
  t.true(wholeMs <= 8_500, `whole after ${wholeMs} ms`)
  t.true(refusedDials < 1.25 * PAIRS, `${refusedDials} dials of nodes that did not run`)
})

test('recovery - one of ten is back as soon as it runs', (t) => {
  for (const backWithinMs of [150, 400, 2_000]) {
    const options = { nodes: 10, seed: 1, victims: (index: number) => index === 5, backWithinMs }
    const { wholeMs } = killed(options)
    t.true(wholeMs <= backWithinMs + 200, `whole after ${wholeMs} ms`)
  }
})

for (const apartMs of [60_000, 120_000, 600_000]) {
  test(`recovery - halves of 50 that were apart for ${apartMs / 1000} s are whole within 10 s`, (t) => {
    const wholeMs = halvesApart({ nodes: NODES, seed: 1, apartMs })
    t.true(wholeMs <= 10_000, `whole after ${wholeMs} ms`)
  })
}
