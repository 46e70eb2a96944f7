/**
 * How long one node takes until it listens, and what it weighs then, against Node that does nothing
 * and bare ws and the floor: no program on ws, or on node:net, can be faster.
 *
 * A node is measured from outside, by its line on standard output; `node -e 0` by its end, which
 * takes some milliseconds more than to begin; so a program that only prints a line is measured too.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ToolError } from '../build/command-line.ts'
import { MEASURED_ENV } from './environment.ts'
import { costOf, memoryOf } from './kernel/process-stats.ts'
import { type Row, valuesOf } from './results.ts'
import { type Outcome, rotated } from './rounds.ts'
import { median } from './statistics.ts'
import { fillFolder } from './systems/folder.ts'
import type { Programs } from './systems/system.ts'

/** The process that the others are compared with. */
export const BASELINE = 'node -e 0'

/** Says that it runs, and stays to be looked at. */
const LINE = 'console.log(0); setTimeout(() => {}, 60_000)'

/** Something that is started and looked at. */
interface Program {
  readonly name: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The sign that it is ready: its first line of output, or its end. */
  readonly until: 'line' | 'exit'
  /** The file that is run, where there is one. */
  readonly bundle?: string
}

type Figures = Readonly<Record<string, number>>

/** Starts each program once in each round, in turn. */
export async function start(
  programs: Programs,
  rounds: number,
  onResult: (line: string) => void,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), `fullmesh-bench-${process.pid}-start-`))
  try {
    const all = await programsIn(folder, programs)
    // The first start of each reads its files from the disk, which no later one does.
    for (const program of all) await run(programs.node, program)
    const measured = new Map(all.map((program): [Program, Figures[]] => [program, []]))
    for (let round = 0; round < rounds; round += 1) {
      for (const program of rotated(all, round)) {
        measured.get(program)?.push(await run(programs.node, program))
      }
    }
    const rows = [...measured].map(([program, figures]) => rowOf(program, figures))
    for (const row of rows) {
      onResult(`start of ${row.system}: ${median(valuesOf(row, 'milliseconds')).toFixed(0)} ms`)
    }
    return { rows, leftOut: [] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function programsIn(
  folder: string,
  { 'bare-ws': bareWs, floor, fullmesh, other }: Programs,
): Promise<readonly Program[]> {
  const nodes = { fullmesh, ...(other !== undefined && { other }) }
  const bare = (name: string, bundle: string): Program => {
    // Any free port.
    return { name, args: [bundle, '0'], cwd: folder, until: 'line', bundle }
  }
  return [
    { name: BASELINE, args: ['-e', '0'], cwd: folder, until: 'exit' },
    { name: 'a line', args: ['-e', LINE], cwd: folder, until: 'line' },
    bare('floor', floor),
    bare('bare-ws', bareWs),
    ...(await Promise.all(
      Object.entries(nodes).map(async ([name, bundle]): Promise<Program> => {
        const cwd = join(folder, name)
        await makeNode(bundle, cwd)
        return { name, args: ['index.js'], cwd, until: 'line', bundle }
      }),
    )),
  ]
}

/** A node without known peers: it only listens. */
async function makeNode(bundle: string, folder: string): Promise<void> {
  mkdirSync(folder)
  fillFolder({ folder, port: await freePort(), seeds: [] }, bundle)
}

function freePort(): Promise<number> {
  return new Promise((found, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('no port'))
      server.close(() => found(address.port))
    })
  })
}

/** Starts a program, measures it when it is ready, and kills it. */
function run(node: string, { name, args, cwd, until }: Program): Promise<Figures> {
  return new Promise((done, reject) => {
    const startedMs = performance.now()
    let figures: Figures | undefined
    const child = spawn(node, args, {
      cwd,
      env: MEASURED_ENV,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.once('error', reject)
    child.stdout.once('data', () => {
      if (until === 'exit') return
      const milliseconds = performance.now() - startedMs
      figures = { milliseconds, ...weightOf(child.pid ?? 0) }
      child.kill('SIGKILL')
    })
    child.once('exit', () => {
      if (until === 'exit') figures = { milliseconds: performance.now() - startedMs }
    })
    child.once('close', () => {
      if (figures !== undefined) done(figures)
      else reject(new ToolError(`${name} ended before it was ready`))
    })
  })
}

function weightOf(pid: number): Figures {
  const { cpuSeconds } = costOf(pid)
  const { rss, pss } = memoryOf(pid)
  return {
    cpuMilliseconds: 1000 * cpuSeconds,
    rssMebibytes: rss / 2 ** 20,
    pssMebibytes: pss / 2 ** 20,
  }
}

function rowOf({ name, bundle }: Program, all: readonly Figures[]): Row {
  const names = Object.keys(all[0] ?? {})
  const figures = Object.fromEntries(
    names.map((figure) => [figure, all.map((one) => one[figure] ?? null)]),
  )
  const size = bundle === undefined ? {} : { bundleBytes: [statSync(bundle).size] }
  return { task: 'start', system: name, nodes: 1, figures: { ...figures, ...size } }
}
