import test from 'ava'
import {
  exponentOf,
  lineThrough,
  median,
  pairedRatios,
  quantile,
  summary,
} from '../../bench/statistics.ts'

test('statistics - the median of an even number is between the two in the middle', (t) => {
  t.is(median([4, 1, 3, 2]), 2.5)
  t.is(median([9, 1, 2]), 2)
})

test('statistics - quantiles are those of R and NumPy', (t) => {
  t.is(quantile([1, 2, 3, 4], 0.25), 1.75)
  t.is(quantile([1, 2, 3, 4], 0.75), 3.25)
  t.is(quantile([7], 0.25), 7)
})

test('statistics - nothing measured has no summary', (t) => {
  t.is(summary([]), undefined)
  t.deepEqual(summary([3, 1, 2]), { median: 2, quartiles: [1.5, 2.5], count: 3 })
})

test('statistics - a ratio needs both figures of its round', (t) => {
  t.deepEqual(pairedRatios([2, undefined, 9], [1, 5, 3]), [2, 3])
  t.deepEqual(pairedRatios([2, 4], [1]), [2])
})

test('statistics - finds the line through points', (t) => {
  const points = [1, 2, 5].map((x): [number, number] => [x, 3 * x + 4])
  const { slope, intercept } = lineThrough(points)
  t.true(Math.abs(slope - 3) < 1e-9)
  t.true(Math.abs(intercept - 4) < 1e-9)
})

test('statistics - a line needs two points apart', (t) => {
  t.throws(() => lineThrough([[1, 2]]), { instanceOf: RangeError })
  t.throws(
    () =>
      lineThrough([
        [1, 2],
        [1, 3],
      ]),
    { instanceOf: RangeError },
  )
})

test('statistics - the exponent of a square is 2, whatever it is multiplied by', (t) => {
  const points = [10, 20, 50, 2000].map((x): [number, number] => [x, 7 * x ** 2])
  t.true(Math.abs(exponentOf(points) - 2) < 1e-9)
})
