import test from 'ava'
import { antiEntropyDelayMs, redialDelayMs } from '../../src/mesh/address/backoff.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'

/** As close to 1 as a random number gets. */
const ALMOST_ONE = 1 - 2 ** -53

test('backoff - the longest pause doubles with each failure, from 1 s up to 60 s', (t) => {
  const longestMs = [1, 2, 3, 4, 5, 6, 7, 8, 1_000, 1e9].map((failures) =>
    Math.round(redialDelayMs(failures, ALMOST_ONE, DEFAULT_TIMINGS)),
  )
  t.deepEqual(
    longestMs,
    [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000],
  )
})

test('backoff - the pause is drawn from 0 up to the longest', (t) => {
  t.is(redialDelayMs(7, 0, DEFAULT_TIMINGS), 0)
  t.is(redialDelayMs(7, 0.25, DEFAULT_TIMINGS), 15_000)
  t.is(redialDelayMs(7, 0.5, DEFAULT_TIMINGS), 30_000)
})

test('backoff - no failure counts as one', (t) => {
  t.is(redialDelayMs(0, 0.5, DEFAULT_TIMINGS), redialDelayMs(1, 0.5, DEFAULT_TIMINGS))
})

test('backoff - honors the redialMinMs and redialMaxMs options', (t) => {
  const timings = { ...DEFAULT_TIMINGS, redialMinMs: 10, redialMaxMs: 30 }
  t.deepEqual(
    [1, 2, 3].map((failures) => redialDelayMs(failures, 0.5, timings)),
    [5, 10, 15],
  )
})

test('backoff - an eager one starts with a shorter pause and ends with the same longest pause', (t) => {
  const pauses = [1, 2, 11, 12].map((failures) =>
    redialDelayMs(failures, 0.5, DEFAULT_TIMINGS, { firstDivisor: 16 }),
  )
  t.deepEqual(pauses, [31.25, 62.5, 30_000, 30_000])
})

test('backoff - the shortest pause does not grow with the failures', (t) => {
  const pausesMs = (random: number) =>
    [1, 3, 8].map((failures) => redialDelayMs(failures, random, DEFAULT_TIMINGS, { leastMs: 250 }))
  t.deepEqual(pausesMs(0), [250, 250, 250])
  t.deepEqual(pausesMs(0.5), [625, 2_125, 30_125])
})

test('anti-entropy - the pause is 30 s alone and in a mesh of two, and grows with the logarithm of the mesh', (t) => {
  const delaysMs = [0, 1, 3, 7, 1_023].map((peers) =>
    antiEntropyDelayMs(peers, 0.5, DEFAULT_TIMINGS),
  )
  t.deepEqual(delaysMs, [30_000, 30_000, 60_000, 90_000, 300_000])
})

test('anti-entropy - the pause varies by 20 % in both directions', (t) => {
  t.is(Math.round(antiEntropyDelayMs(1, 0, DEFAULT_TIMINGS)), 24_000)
  t.is(Math.round(antiEntropyDelayMs(1, ALMOST_ONE, DEFAULT_TIMINGS)), 36_000)
})
