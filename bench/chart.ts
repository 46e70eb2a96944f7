/**
 * A line chart with logarithmic axes as SVG text. Its colours have contrast on white and on black,
 * for a README is shown on both.
 */

/** One measured point, with the range within which half of the measurements lie. */
export interface Point {
  readonly x: number
  readonly y: number
  readonly low?: number
  readonly high?: number
}

/** One line of the chart. */
export interface Series {
  readonly name: string
  readonly colour: string
  readonly isDashed?: boolean
  /** By x, ascending; all values above 0. */
  readonly points: readonly Point[]
}

/** What a chart shows. */
export interface Chart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly series: readonly Series[]
}

const SIZE = { width: 720, height: 400 } as const
const MARGIN = { top: 44, right: 150, bottom: 48, left: 64 } as const
const GREY = '#7d8590'
const FONT = 'font-family="system-ui, sans-serif" font-size="13"'

/** More are hard to read. */
const TICKS_MAX = 10

/** Between the names of two lines that end at the same place. */
const NAME_HEIGHT = 16

/** Draws the chart; the text is the same for the same chart. */
export function drawChart({ title, xLabel, yLabel, series }: Chart): string {
  const points = series.flatMap((one) => one.points)
  const right = SIZE.width - MARGIN.right
  const bottom = SIZE.height - MARGIN.bottom
  const xTicks = ticksFor(points.map(({ x }) => x))
  const yTicks = ticksFor(points.flatMap(({ y, low = y, high = y }) => [low, y, high]))
  const x = logScale(xTicks, MARGIN.left, right)
  const y = logScale(yTicks, bottom, MARGIN.top)
  const middle = (MARGIN.top + bottom) / 2
  const lines = [
    ...xTicks.map((tick) => text(x(tick), bottom + 20, shown(tick), 'middle')),
    ...yTicks.flatMap((tick) => [
      `<path d="M${MARGIN.left} ${y(tick)}H${right}" stroke="${GREY}" stroke-opacity="0.3"/>`,
      text(MARGIN.left - 8, y(tick) + 4, shown(tick), 'end'),
    ]),
    ...series.map((one) => drawSeries(one, x, y)),
    ...namesOf(series, y).map(([name, colour, at]) => text(right + 10, at, name, 'start', colour)),
    text(MARGIN.left, 22, title, 'start', GREY, 'font-weight="600"'),
    text((MARGIN.left + right) / 2, SIZE.height - 10, xLabel, 'middle'),
    text(16, middle, yLabel, 'middle', GREY, `transform="rotate(-90 16 ${middle})"`),
  ]
  const { width, height } = SIZE
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" role="img" ${FONT}>`,
    `<title>${escaped(title)}</title>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}

/**
 * Round numbers that enclose the values: 1, 2 and 5 of each power of ten; only the powers where
 * that would be too many to read.
 *
 * @throws {RangeError} when there is no value, or one that has no logarithm
 */
export function ticksFor(values: readonly number[]): readonly number[] {
  const [least, largest] = [Math.min(...values), Math.max(...values)]
  if (!(least > 0 && largest < Number.POSITIVE_INFINITY)) {
    throw new RangeError('a logarithmic axis needs values above 0')
  }
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(largest))]
  const powers = Array.from({ length: last - first + 1 }, (_none, index) => first + index)
  const ticksWith = (steps: readonly number[]) => {
    const ticks = powers.flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
    const from = ticks.findLastIndex((tick) => tick <= least)
    const to = ticks.findIndex((tick) => tick >= largest)
    return ticks.slice(from, to + 1)
  }
  const fine = ticksWith([1, 2, 5])
  return fine.length > TICKS_MAX ? ticksWith([1]) : fine
}

/** A place on an axis for each value; straight in the logarithm, rounded to tenths of a pixel. */
function logScale(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(ticks[0] ?? 1), Math.log(ticks.at(-1) ?? 1)]
  const span = high - low || 1
  return (value) => Math.round(10 * (from + ((Math.log(value) - low) / span) * (to - from))) / 10
}

function drawSeries(
  { colour, isDashed, points }: Series,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const path = points.map((point) => `${x(point.x)} ${y(point.y)}`).join('L')
  const dash = isDashed ? ' stroke-dasharray="6 4"' : ''
  const marks = points.map(({ x: at, y: value, low = value, high = value }) => {
    const whisker = `<path d="M${x(at)} ${y(low)}V${y(high)}" stroke="${colour}"/>`
    return `${low === high ? '' : whisker}<circle cx="${x(at)}" cy="${y(value)}" r="3.5" fill="${colour}"/>`
  })
  return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>${marks.join('')}`
}

/** The names beside the ends of the lines, moved down where they would overlap. */
function namesOf(
  series: readonly Series[],
  y: (value: number) => number,
): readonly (readonly [name: string, colour: string, y: number])[] {
  let free = Number.NEGATIVE_INFINITY
  return series
    .flatMap(({ name, colour, points }) => {
      const last = points.at(-1)
      return last === undefined ? [] : [{ name, colour, at: y(last.y) + 4 }]
    })
    .sort((a, b) => a.at - b.at)
    .map(({ name, colour, at }) => {
      const place = Math.max(at, free)
      free = place + NAME_HEIGHT
      return [name, colour, place]
    })
}

function text(
  x: number,
  y: number,
  content: string,
  anchor: 'start' | 'middle' | 'end',
  colour: string = GREY,
  more = '',
): string {
  const place = `x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}"`
  return `<text ${[place, more].filter(Boolean).join(' ')}>${escaped(content)}</text>`
}

function shown(value: number): string {
  return value >= 1e6 ? `${value / 1e6} M` : value.toLocaleString('en')
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
