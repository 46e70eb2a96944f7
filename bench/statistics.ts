/** Statistics of several measurements. */

/** The middle of the measurements, and the quartiles. */
export interface Summary {
  readonly median: number
  readonly quartiles: readonly [lower: number, upper: number]
  readonly count: number
}

/** Summarises measurements; undefined when there are none. */
export function summary(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined
  return {
    median: median(values),
    quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
    count: values.length,
  }
}

/** The value in the middle; between the two in the middle when their number is even. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/**
 * The value below which this share of the values is, interpolated linearly (type 7 of
 * Hyndman and Fan, as R and NumPy have it). NaN when there are no values.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const lower = sorted[Math.floor(at)] ?? Number.NaN
  const upper = sorted[Math.ceil(at)] ?? Number.NaN
  return lower + (at - Math.floor(at)) * (upper - lower)
}

/**
 * Ratios of measurements that were made one after the other in the same round, so that what slowed
 * one round down did so for both. A round in which one of them is missing gives none.
 */
export function pairedRatios(
  values: readonly (number | undefined)[],
  references: readonly (number | undefined)[],
): readonly number[] {
  return values.flatMap((value, round) => {
    const reference = references[round]
    return value === undefined || reference === undefined ? [] : [value / reference]
  })
}

/** A straight line through points, by least squares. */
export interface Line {
  readonly slope: number
  readonly intercept: number
}

/** @throws {RangeError} when all points have the same x, or there are fewer than two */
export function lineThrough(points: readonly (readonly [x: number, y: number])[]): Line {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const sumXy = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const sumXx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (!(sumXx > 0)) throw new RangeError('a line needs two points apart')
  const slope = sumXy / sumXx
  return { slope, intercept: meanY - slope * meanX }
}

/** The e of y = c·x^e that fits best: 1 is in proportion, 2 is with the square. */
export function exponentOf(points: readonly (readonly [x: number, y: number])[]): number {
  return lineThrough(points.map(([x, y]) => [Math.log(x), Math.log(y)])).slope
}
