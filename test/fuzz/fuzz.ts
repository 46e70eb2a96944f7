/**
 * Runs targets for a time, in rounds with consecutive seeds, so that every round can be repeated.
 */

import fc from 'fast-check'
import type { Target } from './targets.ts'

/** How long, and from which seed on. */
export interface FuzzOptions {
  readonly forMs: number
  /** An integer of 32 bits. */
  readonly seed: number
}

/** An input for which something does not hold. */
export interface Finding {
  readonly target: string
  readonly seed: number
  /** Leads from the seed to the smallest such input that was found (fast-check's `path`). */
  readonly path: string
  /** For people: the input, and what went wrong. */
  readonly report: string
}

/** How many inputs each target was tried with, and the first finding, which ends it. */
export interface FuzzResult {
  readonly runs: ReadonlyMap<string, number>
  readonly finding: Finding | undefined
}

/** Short enough that no target waits long for its turn. */
const ROUND_MS = 500

/** Fuzzes all targets in turn until the time is up or one has a finding. */
export function fuzz(targets: readonly Target[], { forMs, seed }: FuzzOptions): FuzzResult {
  const untilMs = performance.now() + forMs
  const roundMs = Math.min(ROUND_MS, forMs / targets.length)
  const runs = new Map<string, number>()
  for (let round = 0; round === 0 || performance.now() < untilMs; round += 1) {
    for (const target of targets) {
      const details = fc.check(target.property, {
        seed: seed + round,
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: roundMs,
      })
      runs.set(target.name, (runs.get(target.name) ?? 0) + details.numRuns)
      const finding = findingIn(target, details)
      if (finding !== undefined) return { runs, finding }
    }
  }
  return { runs, finding: undefined }
}

/** Tries the input of a finding again. */
export function replay(target: Target, seed: number, path: string): Finding | undefined {
  return findingIn(target, fc.check(target.property, { seed, path, endOnFailure: true }))
}

function findingIn(target: Target, details: fc.RunDetails<[unknown]>): Finding | undefined {
  const { seed, counterexamplePath: path, counterexample, errorInstance } = details
  // A round that is over in the middle has failed, too, as for fast-check when it had no time
  // for one run.
  if (path === null || counterexample === null) return undefined
  const report = `${fc.stringify(counterexample[0])}\n${explain(errorInstance)}`
  return { target: target.name, seed, path, report }
}

/** An error with the part of its stack that is ours. */
function explain(error: unknown): string {
  const lines = (error instanceof Error ? error.stack : undefined)?.split('\n')
  return lines?.filter((line) => !line.includes('node_modules')).join('\n') ?? String(error)
}
