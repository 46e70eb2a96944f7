/**
 * How many instructions the core executes for one piece of work, counted by valgrind. The same
 * program gives the same count but for a few thousandths of a percent, on a busy machine as on a
 * quiet one, so that a change of one percent is visible.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ToolError } from '../build/command-line.ts'
import { OUTPUT } from './preparation.ts'
import type { Row } from './results.ts'
import type { Outcome } from './rounds.ts'

/** How often each task of programs/core.ts is done: often enough for V8 to warm to it. */
const TIMES = { handshake: 200, learn: 40, repeat: 40 } as const

/** One thread, and no chance: without these, V8 compiles when it happens to have time. */
const V8_FLAGS = ['--predictable', '--single-threaded', '--hash-seed=1', '--random-seed=1'] as const

/** Counts for each task what one more of it costs. */
export function instructions(valgrind: string, onResult: (line: string) => void): Outcome {
  const rows = Object.entries(TIMES).map(([task, times]): Row => {
    const count = (counted(valgrind, task, times) - counted(valgrind, task, 0)) / times
    onResult(`instructions of ${task}: ${Math.round(count)}`)
    return { task, system: 'core', nodes: 1, figures: { instructions: [Math.round(count)] } }
  })
  return { rows, leftOut: [] }
}

function counted(valgrind: string, task: string, times: number): number {
  const log = join(OUTPUT, `valgrind-${process.pid}.txt`)
  const words = ['--tool=callgrind', '--callgrind-out-file=/dev/null', `--log-file=${log}`]
  const program = [process.execPath, ...V8_FLAGS, join(OUTPUT, 'core.cjs'), task, String(times)]
  const { status } = spawnSync(valgrind, [...words, ...program], { stdio: 'ignore' })
  try {
    const report = readFileSync(log, 'utf8')
    const count = /Collected : (\d+)/.exec(report)?.[1]
    if (status === 0 && count !== undefined) return Number(count)
    throw new ToolError(`valgrind failed at ${task}: ${report.slice(-500)}`)
  } finally {
    rmSync(log, { force: true })
  }
}
