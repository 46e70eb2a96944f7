import test from 'ava'
import { Distribution } from '../../src/mesh/distribution.ts'

test('distribution - counts a value at the first bound that it does not exceed', (t) => {
  const counted = new Distribution([1, 5])
  for (const value of [0, 1, 1.1, 5, 5.1, 100]) counted.add(value)
  t.deepEqual(counted.counts, [2, 2, 2])
  t.is(counted.sum, 112.2)
})
