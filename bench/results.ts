/** The measurements, as in results/latest.json: raw figures, round by round. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Machine } from './machine.ts'

/** What is measured, in the order of measurement and report. */
export const SECTION_NAMES = [
  'start',
  'formation',
  'rejoin',
  'rest',
  'memory',
  'profile',
  'messages',
  'growth',
  'instructions',
] as const

export type SectionName = (typeof SECTION_NAMES)[number]

/** How the problem of a row begins when the mesh was not complete in time. */
export const NOT_COMPLETE = 'not complete'

/** All figures of one system, at one task and one size. */
export interface Row {
  /** `formation`, or `rejoin half` and the like. */
  readonly task: string
  readonly system: string
  readonly nodes: number
  /** By name, a figure for each round; null where the round has none. */
  readonly figures: Readonly<Record<string, readonly (number | null)[]>>
  /** Why there is nothing more: the mesh was not complete in time, or the like. */
  readonly problem?: string
}

/** One part of the bench, measured in one go. */
export interface Section {
  readonly machine: Machine
  /** What was measured, `-dirty` when files differed from it. Older results lack it. */
  readonly commit?: string
  /** The day, such as `2026-11-25`. */
  readonly measured: string
  readonly rounds: number
  readonly rows: readonly Row[]
  /** What should have been measured and could not, a sentence each. */
  readonly leftOut: readonly string[]
}

export type Results = Readonly<Partial<Record<SectionName, Section>>>

/** Reads results; empty when there are none yet. */
export function readResults(path: string): Results {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

export function writeResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, rounded, 1)}\n`)
}

/** The row of this task, system and size. */
export function rowOf(
  section: Section | undefined,
  { task, system, nodes }: Pick<Row, 'task' | 'system' | 'nodes'>,
): Row | undefined {
  return section?.rows.find(
    (row) => row.task === task && row.system === system && row.nodes === nodes,
  )
}

/** The figures of that name of all rounds that have one. */
export function valuesOf(row: Row | undefined, name: string): readonly number[] {
  return (row?.figures[name] ?? []).filter((value) => value !== null)
}

/** The different values of a key of these rows, in the order of the rows. */
export function distinct<Key extends 'task' | 'system' | 'nodes'>(
  rows: readonly Row[],
  key: Key,
): readonly Row[Key][] {
  return [...new Set(rows.map((row) => row[key]))]
}

/** Nothing here is known to more than five digits. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(5))
    : value
}
