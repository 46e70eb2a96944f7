/**
 * Tries several systems in turn, round after round, so that whatever changes on the machine in the
 * course of an hour changes for all of them.
 */

import { obstacleTo } from './machine.ts'
import { NOT_COMPLETE, type Row } from './results.ts'
import type { Programs, SystemName } from './systems/system.ts'
import type { TrialKind, TrialOrder, TrialResult } from './trials/trial.ts'

/** Several systems at one task and one size. */
export interface Match {
  readonly what: TrialKind
  readonly nodes: number
  readonly systems: readonly SystemName[]
  readonly rounds: number
}

/** A system gave no figures. */
export interface Failure {
  readonly kind: Exclude<TrialResult['kind'], 'figures'>
  readonly nodes: number
}

const FAILED = { 'not-complete': `it was ${NOT_COMPLETE}`, 'left-out': 'it failed' } as const

/** What a match needs. */
export interface RoundsOptions {
  readonly programs: Programs
  /** How long a mesh may take to become complete. */
  readonly limitSeconds: number
  /** Of each task and system, how it failed; grows while matches are played. */
  readonly failures: Map<string, Failure>
  readonly tryIt: (order: Omit<TrialOrder, 'folder'>) => Promise<TrialResult>
  readonly onResult: (line: string) => void
}

/** What came of a series of matches. */
export interface Outcome {
  readonly rows: readonly Row[]
  readonly leftOut: readonly string[]
}

/**
 * Plays the matches. A system that gave no figures at one size, mostly because it was not complete
 * in time, is not tried again at that size or a larger one in the same task, nor in any other when
 * it was the formation that failed.
 */
export async function play(matches: readonly Match[], options: RoundsOptions): Promise<Outcome> {
  const { failures } = options
  const rows: Row[] = []
  const leftOut: string[] = []
  for (const match of matches) {
    const { nodes } = match
    const task = taskOf(match.what)
    const obstacle = obstacleTo(nodes)
    if (obstacle !== undefined) {
      leftOut.push(`${task} of ${nodes}: ${obstacle}`)
      continue
    }
    const systems = match.systems.filter((system) => {
      const failed = [task, 'formation'].map((name) => failures.get(`${name} ${system}`))
      const since = failed.find((failure) => failure !== undefined && failure.nodes <= nodes)
      if (since === undefined) return true
      const reason = `${FAILED[since.kind]} with ${since.nodes}`
      leftOut.push(`${task} of ${nodes} ${system}: ${reason}`)
      return false
    })
    const { entries, failed } = await playOne({ ...match, systems }, options)
    rows.push(...entries)
    for (const [system, kind] of failed) failures.set(`${task} ${system}`, { kind, nodes })
  }
  return { rows, leftOut }
}

/** The name of a task in tables. */
export function taskOf(what: TrialKind): string {
  if (what.kind === 'rejoin') return `rejoin ${what.victims}`
  return what.kind === 'messages' ? `messages of ${what.publishers}` : what.kind
}

async function playOne(match: Match, options: RoundsOptions) {
  const { what, nodes, systems, rounds } = match
  const { programs, limitSeconds, tryIt, onResult } = options
  const results = new Map<SystemName, TrialResult[]>(systems.map((system) => [system, []]))
  const failed = new Map<SystemName, Failure['kind']>()
  for (let round = 0; round < rounds; round += 1) {
    for (const system of rotated(systems, round)) {
      if (failed.has(system)) continue
      const result = await tryIt({ what, system, nodes, programs, limitSeconds })
      results.get(system)?.push(result)
      if (result.kind !== 'figures') failed.set(system, result.kind)
      const line = `${taskOf(what)} of ${nodes}, round ${round + 1}/${rounds}, ${system}`
      onResult(`${line}: ${described(result, limitSeconds)}`)
    }
  }
  const task = taskOf(what)
  const entries = [...results].map(([system, all]) =>
    rowFrom({ task, system, nodes }, all, limitSeconds),
  )
  return { entries, failed }
}

/** Nobody is always first, when the machine may be cooler, or always after the same other one. */
export function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = by % Math.max(1, items.length)
  return [...items.slice(start), ...items.slice(0, start)]
}

function rowFrom(
  key: Pick<Row, 'task' | 'system' | 'nodes'>,
  results: readonly TrialResult[],
  limitSeconds: number,
): Row {
  const all = results.map((result) => (result.kind === 'figures' ? result.figures : {}))
  const names = [...new Set(all.flatMap((figures) => Object.keys(figures)))]
  const figures = Object.fromEntries(
    names.map((name) => [name, all.map((one) => one[name] ?? null)]),
  )
  const problem = results.find(({ kind }) => kind !== 'figures')
  return { ...key, figures, ...(problem && { problem: described(problem, limitSeconds) }) }
}

/** A result in words. */
function described(result: TrialResult, limitSeconds: number): string {
  switch (result.kind) {
    case 'figures':
      return Object.entries(result.figures)
        .slice(0, 4)
        .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
        .join(', ')
    case 'not-complete': {
      const percent = (100 * result.connectedShare).toFixed(0)
      return `${NOT_COMPLETE} in ${limitSeconds} s (${percent} % of the pairs)`
    }
    case 'left-out':
      return `left out: ${result.reason}`
    default:
      return result satisfies never
  }
}
