import test from 'ava'
import { CAUSES_MAX, FloodGate, QUIET_MS } from '../../src/log/log-rate-limit.ts'

test('flood gate - passes a cause once, then holds it back until it was quiet long enough', (t) => {
  const gate = new FloodGate()
  t.is(gate.passes('a', 0), 0)
  t.is(gate.passes('a', 1), undefined)
  t.is(gate.passes('a', QUIET_MS - 1), undefined)
  t.is(gate.passes('a', QUIET_MS), 2, 'says how many were held back')
  t.is(gate.passes('a', 2 * QUIET_MS), 0)
})

test('flood gate - passes as many lines of a cause as it is allowed, and not one more', (t) => {
  const gate = new FloodGate()
  t.deepEqual(
    [1, 2, 3].map(() => gate.passes('a', 0, 3)),
    [0, 0, 0],
  )
  t.is(gate.passes('a', 1, 3), undefined)
  t.is(gate.passes('a', QUIET_MS, 3), 1)
})

test('flood gate - keeps causes apart', (t) => {
  const gate = new FloodGate()
  t.is(gate.passes('a', 0), 0)
  t.is(gate.passes('b', 0), 0)
})

test('flood gate - remembers as many causes as its limit, and forgets the oldest for one more', (t) => {
  const gate = new FloodGate()
  for (let cause = 0; cause < CAUSES_MAX; cause += 1) gate.passes(String(cause), 0)
  t.is(gate.passes('0', 1), undefined)
  gate.passes('one more', 1)
  t.is(gate.passes('1', 1), undefined)
  t.is(gate.passes('0', 1), 0)
})
