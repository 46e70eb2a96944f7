/**
 * `npm run bench:start`: how long a node takes from the start of its process until it listens,
 * against the start of Node itself, all in one run. `--help` says what can be chosen.
 *
 * Programs take turns, in an order that turns with each round, so that whatever else the machine
 * does meets all of them alike; and each time is divided by that of `node -e 0` in the same round.
 * A node is seen from outside, by its line on stdout. `node -e 0` is seen to end, which takes some
 * milliseconds more than to begin; so a program that only prints a line is measured as well.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE_PATH } from '../build/bundle.ts'
import { type CommandLine, readCount, runTool, ToolError } from '../build/command-line.ts'
import { REPOSITORY } from '../build/repository.ts'

/** The process that the others are compared with. */
const BASELINE = 'node -e 0'

const ROUNDS = '30'
const ROUNDS_MAX = 10_000

/** The kernel counts the CPU time of ended children in these. */
const TICKS_PER_SECOND = 100

/** Something that is started and timed. */
interface Program {
  readonly name: string
  readonly words: readonly string[]
  readonly cwd: string
  /** What says that it is ready: its first line of output, or its end. */
  readonly until: 'line' | 'exit'
}

interface Sample {
  readonly wallMs: number
  /** User and system time. Known on Linux only, in steps of 10 ms: only a sum of many is exact. */
  readonly cpuMs: number
}

const HELP = `
npm run bench:start [-- OTHER ...]   time from the start of a node until it listens

  OTHER           another ${BUNDLE_PATH} to measure in the same run, such as an older one
  --node PROGRAM  the Node to run all on (default: this one)
  --rounds COUNT  how often each program is started (default: ${ROUNDS})
  --help          this text
`

await runTool({
  name: 'bench:start',
  help: HELP,
  values: ['--node', '--rounds'],
  operandsMax: 8,
  run: measureAll,
})

async function measureAll({ operands, values }: CommandLine): Promise<number> {
  const rounds = readCount(values.get('--rounds') ?? ROUNDS, ROUNDS_MAX)
  const node = values.get('--node') ?? process.execPath
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-bench-'))
  try {
    const programs = await programsFor(node, operands, folder)
    const samples = await takeTurns(programs, rounds)
    report(samples, rounds)
    const bytes = readFileSync(join(REPOSITORY, BUNDLE_PATH)).length
    console.log(`\n${BUNDLE_PATH} has ${bytes} bytes`)
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function programsFor(
  node: string,
  others: readonly string[],
  folder: string,
): Promise<readonly Program[]> {
  const bareServer = join(folder, 'bare-server.js')
  await bundleBareServer(bareServer)
  const bundles = [BUNDLE_PATH, ...others]
  const nodes = await Promise.all(
    bundles.map(async (path, index): Promise<Program> => {
      const cwd = join(folder, String(index), 'node-1')
      await makeNode(index === 0 ? join(REPOSITORY, path) : resolve(path), cwd)
      return { name: path, words: [node, 'index.js'], cwd, until: 'line' }
    }),
  )
  return [
    { name: BASELINE, words: [node, '-e', '0'], cwd: folder, until: 'exit' },
    { name: 'a line', words: [node, '-e', 'console.log(0)'], cwd: folder, until: 'line' },
    { name: 'a bare ws server', words: [node, bareServer], cwd: folder, until: 'line' },
    ...nodes,
  ]
}

/** The least that listens for WebSockets where a node does: nobody who uses `ws` can be faster. */
async function bundleBareServer(outfile: string): Promise<void> {
  const contents = `
    import { WebSocketServer } from 'ws'
    const listen = (host, then) => new WebSocketServer({ host, port: 0 }).on('listening', then)
    listen('127.0.0.1', () => listen('::1', () => console.log('listening')))`
  await build({
    stdin: { contents, resolveDir: REPOSITORY },
    bundle: true,
    define: {
      'process.env.WS_NO_BUFFER_UTIL': '"true"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"true"',
    },
    format: 'cjs',
    logLevel: 'warning',
    outfile,
    platform: 'node',
  })
}

/** A node that knows nobody, so that it does nothing but listen. */
async function makeNode(bundle: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'index.js'), readFileSync(bundle))
  writeFileSync(join(folder, '.env'), `PORT=${await freePort()}\n`)
  writeFileSync(join(folder, 'known-peers.json'), '[]\n')
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

/** The samples of each program, in the order of the rounds. */
type Samples = ReadonlyMap<Program, readonly Sample[]>

async function takeTurns(programs: readonly Program[], rounds: number): Promise<Samples> {
  // The first start of each reads its files from the disk, which no later one does.
  for (const program of programs) await start(program)
  const samples = new Map(programs.map((program): [Program, Sample[]] => [program, []]))
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % programs.length
    const order = [...programs.slice(turn), ...programs.slice(0, turn)]
    if (round % 2 === 1) order.reverse()
    for (const program of order) samples.get(program)?.push(await start(program))
  }
  return samples
}

/** Starts a program, and kills it when it is ready. */
function start({ name, words: [command = '', ...args], cwd, until }: Program): Promise<Sample> {
  return new Promise((done, reject) => {
    const cpuBeforeMs = cpuOfChildrenMs()
    const startedMs = performance.now()
    let readyMs: number | undefined
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    child.once('error', reject)
    child.stdout.once('data', () => {
      if (until === 'exit') return
      readyMs = performance.now()
      child.kill('SIGKILL')
    })
    child.once('exit', () => {
      if (until === 'exit') readyMs = performance.now()
    })
    child.once('close', () => {
      if (readyMs === undefined) return reject(new ToolError(`${name} ended before it was ready`))
      done({ wallMs: readyMs - startedMs, cpuMs: cpuOfChildrenMs() - cpuBeforeMs })
    })
  })
}

/** The CPU time of all our children that have ended; 0 where the system does not tell it. */
function cpuOfChildrenMs(): number {
  if (process.platform !== 'linux') return 0
  // After the name of the program, which is in parentheses and can hold anything, come state (the
  // third field) and the rest; cutime and cstime are fields 16 and 17 (proc(5)).
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return ((Number(fields[16 - 3]) + Number(fields[17 - 3])) * 1000) / TICKS_PER_SECOND
}

function report(samples: Samples, rounds: number): void {
  const baseline = [...samples].find(([{ name }]) => name === BASELINE)?.[1] ?? []
  const baselineCpuMs = meanOf(baseline.map(({ cpuMs }) => cpuMs))
  console.log(`${rounds} rounds; wall time: median (quartiles); CPU: mean; ratios to ${BASELINE}\n`)
  const rows = [...samples].map(([{ name }, own]) => {
    const walls = own.map(({ wallMs }) => wallMs)
    const ratios = walls.map((wallMs, round) => wallMs / (baseline[round]?.wallMs ?? Number.NaN))
    const cpuMs = meanOf(own.map((sample) => sample.cpuMs))
    return [name, spreadOf(walls, 1), spreadOf(ratios, 2), ...cpuColumns(cpuMs, baselineCpuMs)]
  })
  print([['', 'wall ms', 'ratio', 'CPU ms', 'ratio'], ...rows])
}

function cpuColumns(cpuMs: number, baselineCpuMs: number): readonly string[] {
  return cpuMs > 0 ? [cpuMs.toFixed(1), (cpuMs / baselineCpuMs).toFixed(2)] : ['unknown', '']
}

function spreadOf(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => at(share).toFixed(digits))
  return `${middle} (${low}–${high})`
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => {
    return Math.max(...rows.map((row) => row[column]?.length ?? 0))
  })
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0))
    console.log(cells.join('  ').trimEnd())
  }
}
