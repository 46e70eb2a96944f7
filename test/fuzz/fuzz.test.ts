/**
 * A short run of `npm run fuzz`, its past findings, and tests of the tool itself.
 */

import test from 'ava'
import fc from 'fast-check'
import { fuzz, replay } from './fuzz.ts'
import { REGRESSIONS } from './regressions.ts'
import { TARGETS } from './targets.ts'

const SHORT_MS = 5_000

test('fuzz - a short run finds nothing', (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const { runs, finding } = fuzz(TARGETS, { forMs: SHORT_MS, seed })
  t.is(finding, undefined)
  for (const { name } of TARGETS) t.true((runs.get(name) ?? 0) > 0, name)
})

for (const { what, check } of REGRESSIONS) {
  test(`fuzz - regression: ${what}`, (t) => {
    t.notThrows(check)
  })
}

const NAIVE = {
  name: 'naive',
  property: fc.property(fc.nat(), (number) => {
    if (number > 1_000) throw new Error(`${number} is too large`)
  }),
}

test('fuzz - a finding ends the run, is shrunk, and can be reproduced', (t) => {
  const { finding } = fuzz([NAIVE], { forMs: 60_000, seed: 1 })
  t.regex(finding?.report ?? '', /^1001\nError: 1001 is too large/)
  if (finding === undefined) return t.fail()
  const again = replay(NAIVE, finding.seed, finding.path)
  t.is(again?.path, finding.path)
  t.regex(again?.report ?? '', /^1001\n/)
})

/** How many inputs of two runs are compared. */
const INPUTS = 10

test('fuzz - the same seed tries the same inputs', (t) => {
  const inputs = (): readonly string[] => {
    const tried: string[] = []
    const target = {
      name: 'any',
      property: fc.property(fc.string(), (text) => {
        tried.push(text)
        // Ends the run: the time that it has is only for a machine that hangs.
        if (tried.length >= INPUTS) throw new Error('enough')
      }),
    }
    fuzz([target], { forMs: 20_000, seed: 7 })
    t.true(tried.length >= INPUTS)
    return tried.slice(0, INPUTS)
  }
  t.deepEqual(inputs(), inputs())
})
