/** Tables in Markdown, and numbers in them. */

import type { Summary } from './statistics.ts'

export function table(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [headings, headings.map(() => '---'), ...lines]
  return all.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** Three digits, or all digits before the point. */
export function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return ''
  const digits = value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
  return digits.toLocaleString('en', { maximumFractionDigits: 6 })
}

/** `1.05× (1.02–1.10)`: the median of ratios, and their middle half. */
export function withQuartiles(ratio: Summary): string {
  const [low, high] = ratio.quartiles.map((value) => value.toFixed(2))
  return `${ratio.median.toFixed(2)}× (${low}–${high})`
}
