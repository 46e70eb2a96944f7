/** The Node that the binaries carry: one version, from npm, for six kinds of machine. */

import { join } from 'node:path'
import { EXIT_USAGE, ToolError } from './command-line.ts'
import { fetchRuntimePackage, runtimeVersion } from './npm-install.ts'

/** pkg makes the payload with a Node of the same version as the one that reads it. */
export const NODE_VERSION = runtimeVersion('node-22-linux-x64')

export interface Platform {
  /** As in the file name of the binary, and as pkg has it. */
  readonly name: string
  readonly os: 'linux' | 'macos' | 'win'
  readonly arch: 'x64' | 'arm64'
}

export const PLATFORMS: readonly Platform[] = (['linux', 'macos', 'win'] as const).flatMap((os) =>
  (['x64', 'arm64'] as const).map((arch) => ({ name: `${os}-${arch}`, os, arch })),
)

/**
 * The platforms of these names, or all of them when there are none.
 *
 * @throws {ToolError} exit code 2 for an unknown name
 */
export function platformsNamed(names: readonly string[]): readonly Platform[] {
  const all = PLATFORMS.map(({ name }) => name)
  const unknown = names.find((name) => !all.includes(name))
  if (unknown !== undefined) {
    const message = `platform must be one of ${all.join(', ')}, got '${unknown}'`
    throw new ToolError(message, EXIT_USAGE)
  }
  return PLATFORMS.filter(({ name }) => names.length === 0 || names.includes(name))
}

export function binaryName({ name, os }: Platform): string {
  return `fullmesh-${name}${os === 'win' ? '.exe' : ''}`
}

/** Gives the path of the Node for a platform. @throws {ToolError} when npm cannot fetch it */
export async function fetchNode({ name, os }: Platform): Promise<string> {
  const folder = await fetchRuntimePackage(`node-22-${name}`)
  return join(folder, 'bin', os === 'win' ? 'node.exe' : 'node')
}

/** The platform of this machine. @throws {ToolError} when it has no binary */
export function hostPlatform({ platform: os, arch } = process): Platform {
  const name = `${OS_NAMES[os] ?? os}-${arch}`
  const host = PLATFORMS.find((platform) => platform.name === name)
  if (host === undefined) throw new ToolError(`there is no Node ${NODE_VERSION} for ${name}`)
  return host
}

/** The names of pkg, by those of Node, where they differ. */
const OS_NAMES: Readonly<Record<string, Platform['os']>> = { darwin: 'macos', win32: 'win' }
