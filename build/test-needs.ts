/** What tests need besides Node and npm's packages, and how `npm run test:more` gets it. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { browserProgram } from './browser.ts'
import { ToolError } from './command-line.ts'
import { faketimeLibrary } from './faketime.ts'
import { runProgram } from './program-run.ts'
import { NATS_SERVER, PROMTOOL } from './unpacked-program.ts'

export interface Need {
  readonly isMet: () => boolean
  /** Gets it, on Debian; not there when nothing can. */
  readonly install?: () => void | Promise<void>
}

/** npm puts the programs of packages first in PATH, and one of them is called nft, too. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const

/** A machine of that kind runs its binaries itself. */
const IS_ARM64 = process.arch === 'arm64'

/** For `qemu-aarch64-static -L`: the shared libraries of a Linux binary for arm64. */
export const ARM64_ROOT = '/usr/aarch64-linux-gnu'

export const NEEDS = {
  Linux: { isMet: () => process.platform === 'linux' },
  root: { isMet: () => process.getuid?.() === 0 },
  iproute2: debian('iproute2', () => hasProgram('ip')),
  nftables: debian('nftables', () => hasProgram('nft')),
  dnsmasq: debian('dnsmasq-base', () => hasProgram('dnsmasq')),
  faketime: debian('faketime', () => faketimeLibrary() !== undefined),
  chromium: debian('chromium-headless-shell', () => browserProgram() !== undefined),
  qemu: debian('qemu-user-static', () => IS_ARM64 || hasProgram('qemu-aarch64-static')),
  "Debian's libraries for arm64": debian(
    'libstdc++6-arm64-cross',
    () => IS_ARM64 || existsSync(join(ARM64_ROOT, 'lib/libstdc++.so.6')),
  ),
  buildah: debian('buildah', () => hasProgram('buildah')),
  systemd: debian('systemd', () => hasProgram('systemd-analyze')),
  promtool: PROMTOOL,
  'nats-server': NATS_SERVER,
  // For what takes minutes: `npm test` leaves it out on every machine.
  'more time': { isMet: () => false, install() {} },
} as const satisfies Readonly<Record<string, Need>>

export type NeedName = keyof typeof NEEDS

export function isMet(name: NeedName): boolean {
  return NEEDS[name].isMet()
}

/**
 * Installs what is missing.
 *
 * @throws {ToolError} that names what cannot be installed
 */
export async function install(names: readonly NeedName[]): Promise<void> {
  const missing = names.filter((name) => !isMet(name))
  const needs = missing.map((name): Need => NEEDS[name])
  const isDebian = hasProgram('apt-get') && isMet('root')
  const impossible = missing.filter((_, index) => !isDebian || needs[index]?.install === undefined)
  const lacking = impossible.filter((name) => name !== 'more time')
  if (lacking.length > 0) {
    throw new ToolError(`run it as root on Debian: this machine lacks ${lacking.join(', ')}`)
  }
  for (const { install } of needs) await install?.()
}

function debian(name: string, isThere: () => boolean): Need {
  return { isMet: isThere, install: () => aptGet(name) }
}

let updated: Promise<string> | undefined

async function aptGet(name: string): Promise<void> {
  console.error(`installing ${name}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  updated ??= runProgram('apt-get', ['update', '-qq'], { env })
  await updated
  await runProgram('apt-get', ['install', '-qqy', '--no-install-recommends', name], { env })
}

function hasProgram(name: string): boolean {
  return SYSTEM_FOLDERS.some((folder) => existsSync(join(folder, name)))
}
