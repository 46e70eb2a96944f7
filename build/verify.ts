/**
 * `npm run verify`: whoever builds, wherever and whenever, gets the same bytes. Builds everything
 * twice, in places that differ in whatever a build can pick up by mistake, and compares the files.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BINARIES_FOLDER } from './binaries.ts'
import { checkBinary, firstDifference } from './binary-check.ts'
import { BuildPlace, type Surroundings } from './build-place.ts'
import { BUNDLE_PATH } from './bundle.ts'
import { cacheFolder } from './cache-folder.ts'
import { sha256 } from './checksums.ts'
import { isEntryPoint, runTool, ToolError } from './command-line.ts'
import { faketimeLibrary } from './faketime.ts'
import {
  binaryName,
  fetchNode,
  hostPlatform,
  PLATFORMS,
  type Platform,
  platformsNamed,
} from './node-releases.ts'
import { installPkg } from './pkg-tool.ts'
import { REPOSITORY } from './repository.ts'
import { makeBlob } from './sea-blob.ts'

/** They have nothing in common that a build may depend on. */
const SURROUNDINGS: readonly [Surroundings, Surroundings] = [
  {
    folder: 'fullmesh',
    user: 'ann',
    umask: 0o022,
    timeZone: 'Pacific/Kiritimati',
    locale: 'C',
    clock: undefined,
  },
  {
    folder: 'a folder/ünï/fullmesh-0.0.0',
    user: 'bob',
    umask: 0o077,
    timeZone: 'America/St_Johns',
    locale: 'tr_TR.UTF-8',
    clock: '@2037-12-31 23:59:58',
  },
]

/**
 * Builds twice and compares.
 *
 * @param report told what is the same, line by line
 * @throws {ToolError} that names the first difference
 */
export async function verify(
  platforms: readonly Platform[],
  report: (line: string) => void,
  repository = REPOSITORY,
): Promise<void> {
  // In the two places, home is elsewhere: what npm needs to know to fetch anything is at ours.
  await installPkg()
  for (const platform of [hostPlatform(), ...platforms]) await fetchNode(platform)

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fullmesh-verify-')))
  try {
    const places = SURROUNDINGS.map((surroundings, index) => {
      return new BuildPlace(join(folder, String(index)), surroundings, repository)
    })
    const builtFiles = (path: string) => places.map((place) => join(place.repository, path))

    await Promise.all(places.map((place) => place.run('bundle.ts')))
    const script = sameBytes(BUNDLE_PATH, builtFiles(BUNDLE_PATH))
    report(sameLine(BUNDLE_PATH, script))
    sameBytes(`${BUNDLE_PATH} as committed`, [
      join(repository, BUNDLE_PATH),
      ...builtFiles(BUNDLE_PATH),
    ])
    requireVersion(repository)
    report(`${BUNDLE_PATH} is what src/ builds, and says its version`)

    const blob = await makeBlob(script)
    const names = platforms.map(({ name }) => name)
    await Promise.all(places.map((place) => place.run('binaries.ts', names)))
    report(sameLine('blob', blob))
    for (const platform of platforms) {
      const name = binaryName(platform)
      const binary = sameBytes(name, builtFiles(join(BINARIES_FOLDER, name)))
      checkBinary(binary, { platform, script, blob })
      requireNoPath(name, binary, [repository, cacheFolder(), folder])
      report(sameLine(name, binary))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The bytes that all of these files have.
 *
 * @throws {ToolError} that says where they differ
 */
export function sameBytes(name: string, paths: readonly string[]): Buffer {
  const [first = Buffer.alloc(0), ...others] = paths.map((path) => readFileSync(path))
  for (const other of others) {
    if (first.equals(other)) continue
    const sizes = `${first.length} and ${other.length} bytes`
    const at = firstDifference(first, other)
    throw new ToolError(`${name} is not the same twice: ${sizes}, different from byte ${at} on`)
  }
  return first
}

/** The version that the bundle says is that of package.json. */
function requireVersion(repository: string): void {
  const { version }: Record<string, unknown> = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  )
  const bundle = join(repository, BUNDLE_PATH)
  const said = execFileSync(process.execPath, [bundle, '--version'], { encoding: 'utf8' })
  if (!said.split(/\s/).includes(String(version))) {
    throw new ToolError(`${BUNDLE_PATH} says '${said.trim()}', and package.json ${version}`)
  }
}

function requireNoPath(name: string, bytes: Buffer, paths: readonly string[]): void {
  const path = paths.find((candidate) => bytes.includes(candidate))
  if (path !== undefined) throw new ToolError(`${name} contains the path ${path}`)
}

function sameLine(name: string, bytes: Uint8Array): string {
  return `same  ${name.padEnd(24)} ${(bytes.length / 1000).toFixed(1).padStart(9)} kB  ${sha256(bytes).slice(0, 16)}`
}

const HELP = `
npm run verify [-- PLATFORM …]   shows that a build depends on nothing but the source

Builds ${BUNDLE_PATH} and the binaries twice, in two places with different paths, users, umasks,
time zones, locales and, where faketime is installed, clocks; and compares the bytes.

Platforms: ${PLATFORMS.map(({ name }) => name).join(' ')}; default: all of them
`

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'verify',
    help: HELP,
    operandsMax: PLATFORMS.length,
    async run({ operands }) {
      const platforms = platformsNamed(operands)
      if (faketimeLibrary() === undefined) {
        console.log('both builds have the same clock: faketime is not installed')
      }
      await verify(platforms, (line) => console.log(line))
      return 0
    },
  })
}
