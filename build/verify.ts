/**
 * `npm run verify`: every build gives the same bytes. Builds twice, in surroundings that differ in
 * all that a build can depend on by mistake, and compares the files.
 */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BINARIES_FOLDER, checkBinary, sha256 } from './binaries.ts'
import { BUNDLE_PATH } from './bundle.ts'
import { cacheFolder } from './cache-folder.ts'
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
import { plainEnvironment, runProgram } from './program-run.ts'
import { versionOfBundle, versionOfPackage } from './release-check.ts'
import { REPOSITORY, TYPESCRIPT } from './repository.ts'

interface Surroundings {
  /** A path inside the folder of the build. */
  readonly folder: string
  readonly umask: number
  readonly env: NodeJS.ProcessEnv
}

const SURROUNDINGS: readonly Surroundings[] = [
  {
    folder: 'fullmesh',
    umask: 0o022,
    env: { ...environment('ann', 'C'), TZ: 'Pacific/Kiritimati' },
  },
  {
    folder: 'a folder/ünï/fullmesh-0.0.0',
    umask: 0o077,
    env: {
      ...environment('bob', 'tr_TR.UTF-8'),
      TZ: 'America/St_Johns',
      ...fakeTime('@2037-12-31 23:59:58'),
    },
  },
]

function environment(user: string, locale: string): NodeJS.ProcessEnv {
  const home = { HOME: join('/home', user), XDG_CACHE_HOME: dirname(cacheFolder()) }
  const names = { USER: user, LOGNAME: user, HOSTNAME: `host-of-${user}` }
  return { ...names, ...home, LC_ALL: locale, LANG: locale }
}

/** The monotonic clock stays real: timers need it. */
function fakeTime(clock: string): NodeJS.ProcessEnv {
  const library = faketimeLibrary()
  if (library === undefined) return {}
  return { LD_PRELOAD: library, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

const INPUTS = ['build', 'package.json', 'src'] as const

/**
 * Builds twice and compares.
 *
 * @param report gets a line for each file that is the same, and the binary, which is deleted later
 * @throws {ToolError} that names the first difference
 */
export async function verify(
  platforms: readonly Platform[],
  report: (line: string, binary?: string) => void,
  repository = REPOSITORY,
): Promise<void> {
  // Before the builds: they have another home folder, without the user's npm settings.
  if (platforms.length > 0) {
    await installPkg()
    for (const platform of [...platforms, hostPlatform()]) await fetchNode(platform)
  }

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fullmesh-verify-')))
  try {
    const places = SURROUNDINGS.map((surroundings, index) => {
      const place = join(folder, String(index), surroundings.folder)
      copyInputs(repository, place)
      return { place, surroundings }
    })
    const buildIn = (tool: string, words: readonly string[] = []) =>
      Promise.all(places.map((each) => build(each.place, each.surroundings, tool, words)))
    const built = (path: string) => places.map(({ place }) => join(place, path))

    await buildIn('bundle.ts')
    const script = sameBytes(BUNDLE_PATH, built(BUNDLE_PATH))
    report(sameLine(BUNDLE_PATH, script))
    sameBytes(`${BUNDLE_PATH} as committed`, [join(repository, BUNDLE_PATH), ...built(BUNDLE_PATH)])
    requireVersion(repository)
    report(`${BUNDLE_PATH} is what src/ builds, and has the version of package.json`)

    if (platforms.length === 0) return
    const names = platforms.map(({ name }) => name)
    await buildIn('binaries.ts', names)
    for (const platform of platforms) {
      const name = binaryName(platform)
      const [path = '', ...others] = built(join(BINARIES_FOLDER, name))
      const binary = sameBytes(name, [path, ...others])
      await checkBinary(path, platform, script)
      const leak = [repository, cacheFolder(), folder].find((path) => binary.includes(path))
      if (leak !== undefined) throw new ToolError(`${name} contains the path ${leak}`)
      report(sameLine(name, binary), path)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyInputs(original: string, place: string): void {
  mkdirSync(join(place, 'node-1'), { recursive: true })
  for (const path of INPUTS) cpSync(join(original, path), join(place, path), { recursive: true })
  symlinkSync(join(original, 'node_modules'), join(place, 'node_modules'), 'junction')
}

/** Runs a tool. The child inherits the umask of this process. */
function build(
  place: string,
  { umask, env }: Surroundings,
  tool: string,
  words: readonly string[],
): Promise<string> {
  const ours = process.umask(umask)
  try {
    return runProgram(process.execPath, [...TYPESCRIPT, join(place, 'build', tool), ...words], {
      cwd: place,
      env: { ...plainEnvironment(), ...env },
    })
  } finally {
    process.umask(ours)
  }
}

/** The bytes of all of these files. @throws {ToolError} when they differ, with the position */
export function sameBytes(name: string, paths: readonly string[]): Buffer {
  const [first = Buffer.alloc(0), ...others] = paths.map((path) => readFileSync(path))
  for (const other of others) {
    if (first.equals(other)) continue
    const sizes = `${first.length} and ${other.length} bytes`
    const difference = first.findIndex((byte, at) => byte !== other[at])
    const at = difference === -1 ? first.length : difference
    throw new ToolError(`${name} is not the same twice: ${sizes}, different from byte ${at} on`)
  }
  return first
}

function requireVersion(repository: string): void {
  const [printed, version] = [versionOfBundle(repository), versionOfPackage(repository)]
  if (printed === version) return
  throw new ToolError(`${BUNDLE_PATH} has version ${printed}, and package.json ${version}`)
}

function sameLine(name: string, bytes: Uint8Array): string {
  return `same  ${name.padEnd(24)} ${(bytes.length / 1000).toFixed(1).padStart(9)} kB  ${sha256(bytes).slice(0, 16)}`
}

const HELP = `
npm run verify [-- PLATFORM …]   checks that a build depends only on the source

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
