/** What was measured while the page was open, for small charts. Pure. */

/** The oldest first. */
export interface Trends {
  /** Median round trips, in ms. */
  readonly roundTrip: readonly number[]
  /** Messages a second. */
  readonly messages: readonly number[]
}

export const NO_TRENDS: Trends = { roundTrip: [], messages: [] }

/** A minute, with a value every two seconds. */
export const VALUES_MAX = 30

/** Each trend with one more value, unless there is none. */
export function withValues(
  trends: Trends,
  values: Readonly<Record<keyof Trends, number | undefined>>,
): Trends {
  return {
    roundTrip: added(trends.roundTrip, values.roundTrip),
    messages: added(trends.messages, values.messages),
  }
}

function added(values: readonly number[], value: number | undefined): readonly number[] {
  return value === undefined ? values : [...values.slice(1 - VALUES_MAX), value]
}

/** The chart in a square of 100 × 100, from 0 at its bottom; undefined for less than two values. */
export function trendPath(values: readonly number[]): string | undefined {
  if (values.length < 2) return undefined
  const most = Math.max(...values) || 1
  // The newest is at the right edge, also while there are few.
  const left = VALUES_MAX - values.length
  const points = values.map((value, index) => {
    const x = (100 * (left + index)) / (VALUES_MAX - 1)
    return `${x.toFixed(1)} ${(100 - (100 * value) / most).toFixed(1)}`
  })
  return `M${points.join('L')}`
}
