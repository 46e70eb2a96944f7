/** The runtimes for tests besides the installed Node, and Deno, which `npm ci` installs. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'
import { fetchRuntimePackage } from './npm-install.ts'

export const FETCHED_RUNTIMES = ['Node 20', 'Node 22', 'Node 24', 'Node 26', 'Bun 1'] as const

export type FetchedRuntime = (typeof FETCHED_RUNTIMES)[number]

/**
 * Gives the path of a runtime's program for this machine.
 *
 * @throws {ToolError} when this machine has none, or npm cannot fetch it
 */
export async function fetchRuntime(runtime: FetchedRuntime): Promise<string> {
  const { platform, arch } = process
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new ToolError(`no runtime is pinned for ${platform}-${arch}, see build/runtimes/`)
  }
  const build = runtime === 'Bun 1' && arch === 'x64' && !hasAvx2() ? '-baseline' : ''
  const name = `${runtime.toLowerCase().replace(' ', '-')}-linux-${arch}${build}`
  return join(await fetchRuntimePackage(name), 'bin', runtime === 'Bun 1' ? 'bun' : 'node')
}

/** Processors without AVX2 need the baseline build of Bun. */
function hasAvx2(): boolean {
  return /^flags\b.* avx2\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
}
