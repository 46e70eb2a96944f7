/** The names of the figures of messages, and what is in them. */

/** Of each size, in bytes. */
export type BurstFigure = 'deliveriesPerSecond' | 'cpuMicroseconds'

/** Which part of the deliveries is faster, by the figure of each pace, in messages a second. */
export const QUANTILES = {
  p50Milliseconds: 0.5,
  p99Milliseconds: 0.99,
  p999Milliseconds: 0.999,
} as const

export type LatencyFigure = keyof typeof QUANTILES

/** What a figure was measured at: a size, or a pace. */
export function figureAt(figure: BurstFigure | LatencyFigure, at: number): string {
  return `${figure} ${at}`
}

/** At what a figure was measured, from low to high. */
export function placesOf(
  figures: Readonly<Record<string, unknown>>,
  figure: BurstFigure | LatencyFigure,
): readonly number[] {
  return Object.keys(figures)
    .filter((name) => name.startsWith(`${figure} `))
    .map((name) => Number(name.slice(figure.length)))
    .sort((one, other) => one - other)
}

/** `128 B`, `64 KiB`. */
export function sizeText(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`
}
