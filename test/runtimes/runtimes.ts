/** Every runtime that a node runs on, ready to run one. `npm ci` installs Deno. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchRuntimePackage } from '../../build/npm-install.ts'
import { DENO, type Runtime } from '../helpers/node-process.ts'

/** Their names, the oldest Node first. */
export const RUNTIME_NAMES = [
  'Node 20',
  'Node 22',
  'Node 24',
  'Node 26',
  'Bun 1',
  'Deno 2',
] as const

/** One of them. */
export type RuntimeName = (typeof RUNTIME_NAMES)[number]

/** Long enough for whatever npm has to fetch the first time, in ms. */
export const FETCH_MS = 300_000

const runtimes = new Map<RuntimeName, Promise<Runtime>>()

/**
 * The words that run a script on it. The first time, it is fetched, or its checksum is checked.
 *
 * @throws {ToolError} when npm cannot fetch it
 */
export function runtimeCalled(name: RuntimeName): Promise<Runtime> {
  const runtime = runtimes.get(name) ?? runtimeFor(name)
  runtimes.set(name, runtime)
  return runtime
}

async function runtimeFor(name: RuntimeName): Promise<Runtime> {
  if (name === 'Deno 2') return DENO
  const { platform, arch } = process
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new Error(`no runtime is pinned for ${platform}-${arch}, see build/runtimes/`)
  }
  const build = name === 'Bun 1' && arch === 'x64' && !hasAvx2() ? '-baseline' : ''
  const folder = await fetchRuntimePackage(
    `${name.toLowerCase().replace(' ', '-')}-linux-${arch}${build}`,
  )
  return [join(folder, 'bin', name === 'Bun 1' ? 'bun' : 'node')]
}

/** Processors without AVX2 need the baseline build of Bun. */
function hasAvx2(): boolean {
  return /^flags\b.* avx2\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
}
