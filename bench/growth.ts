/**
 * How costs grow with the mesh, from 10 to 1,000 nodes: the real core in the simulator of
 * test/sim. Real processes are in the section formation, as far as the machine carries them.
 */

import { spawnSync } from 'node:child_process'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ToolError } from '../build/command-line.ts'
import { ACCEPTED_LINKS_MAX } from '../src/mesh/limits.ts'
import { OUTPUT } from './preparation.ts'
import type { Row } from './results.ts'
import type { Outcome } from './rounds.ts'

/**
 * Both ends of a link and what is on its way between them, and room to collect the garbage.
 */
const BYTES_PER_PAIR = 10_000

const MEBIBYTE = 2 ** 20

/** What Node has without any pair. */
const HEAP_MEBIBYTES_MIN = 1024

/** Simulates a mesh of each size. */
export async function growth(
  sizes: readonly number[],
  onResult: (line: string) => void,
): Promise<Outcome> {
  const rows: Row[] = []
  const leftOut: string[] = []
  for (const nodes of sizes) {
    const obstacle = obstacleTo(nodes, freemem())
    if (obstacle !== undefined) {
      leftOut.push(`growth to ${nodes}: ${obstacle}`)
      continue
    }
    const figures = simulate(await bundleSimulation(), nodes)
    onResult(`growth to ${nodes}: ${JSON.stringify(figures)}`)
    const lists = Object.entries(figures).map(([name, value]) => [name, [value]])
    rows.push({ task: 'growth', system: 'simulator', nodes, figures: Object.fromEntries(lists) })
  }
  return { rows, leftOut }
}

/** Why a mesh of this size is not simulated in so much memory, or undefined. */
export function obstacleTo(nodes: number, freeBytes: number): string | undefined {
  if (nodes - 1 > ACCEPTED_LINKS_MAX) {
    return (
      `a node accepts ${ACCEPTED_LINKS_MAX.toLocaleString('en')} links (ACCEPTED_LINKS_MAX), ` +
      'so the seeds would turn nodes away'
    )
  }
  const needed = bytesFor(nodes)
  if (freeBytes >= needed) return undefined
  return `it needs ${(needed / 2 ** 30).toFixed(1)} GiB of memory`
}

function bytesFor(nodes: number): number {
  return (BYTES_PER_PAIR * nodes ** 2) / 2
}

/**
 * How large the nursery of the heap may get; V8's default is 16. Most of what is on its way in a
 * simulated network starts and ends within a moment of virtual time, and 300 nodes take 12 s
 * instead of 20 when none of it is moved to the old heap.
 */
const SEMI_SPACE_MEBIBYTES = 128

/** As one file, which starts faster. */
async function bundleSimulation(): Promise<string> {
  const outfile = join(OUTPUT, 'simulation.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'programs', 'simulation.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  return outfile
}

/**
 * In a process of its own, which gets a larger heap and gives it back.
 *
 * @throws {ToolError} when the mesh does not become complete
 */
function simulate(program: string, nodes: number): Readonly<Record<string, number>> {
  const words = [
    `--max-old-space-size=${HEAP_MEBIBYTES_MIN + Math.ceil(bytesFor(nodes) / MEBIBYTE)}`,
    `--max-semi-space-size=${SEMI_SPACE_MEBIBYTES}`,
    program,
    String(nodes),
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new ToolError(`the simulation of ${nodes} nodes failed: ${stderr}`)
  return JSON.parse(stdout)
}
