/** One aim, and how its worst figure is found. */

import { ratioTo } from './comparison.ts'
import type { Row, Section } from './results.ts'

/** One aim. */
export interface Aim {
  /** The reason why it is not met begins with it, in README.md. */
  readonly name: string
  readonly text: string
  readonly max: number
  /** The worst of all that was measured; undefined when nothing was. */
  readonly worst: Found | undefined
}

export interface Found {
  readonly value: number
  /** Such as `CPU of 50`; empty where there is only one figure. */
  readonly where: string
}

export function ours(section: Section | undefined): readonly Row[] {
  return (section?.rows ?? []).filter(({ system }) => system === 'fullmesh')
}

export function found(value: number | undefined, where = ''): readonly Found[] {
  return value === undefined ? [] : [{ value, where }]
}

export function worst(all: readonly Found[]): Found | undefined {
  return [...all].sort((one, other) => other.value - one.value)[0]
}

/** The median of the ratios of a system's figures to those of another one. */
export function ratio(
  reference: string,
  section: Section | undefined,
  row: Row,
  figure: string,
): number | undefined {
  return section && ratioTo(reference, section, row, figure)?.median
}
