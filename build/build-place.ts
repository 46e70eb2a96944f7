/**
 * A place to build in: a copy of what is built from, in a folder of its own, with surroundings that
 * must not matter. Two of them that differ in all they can show what a build depends on.
 */

import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { faketimeLibrary } from './faketime.ts'
import { runProgram } from './program-run.ts'
import { TYPESCRIPT } from './repository.ts'
import { plainEnvironment } from './sea-blob.ts'

/** What is around a build. */
export interface Surroundings {
  /** A path inside the folder of the place. */
  readonly folder: string
  readonly user: string
  readonly umask: number
  /** A name of the time zone database. */
  readonly timeZone: string
  readonly locale: string
  /** As faketime has it; undefined is now. */
  readonly clock: string | undefined
}

/** All that the build reads, from the top of the repository. */
const INPUTS = ['build', 'package.json', 'src'] as const

/** Where a build can be run. */
export class BuildPlace {
  readonly repository: string
  readonly #surroundings: Surroundings

  /** @param folder an empty one */
  constructor(folder: string, surroundings: Surroundings, original: string) {
    this.#surroundings = surroundings
    this.repository = join(folder, surroundings.folder)
    mkdirSync(join(this.repository, 'node-1'), { recursive: true })
    for (const path of INPUTS) {
      cpSync(join(original, path), join(this.repository, path), { recursive: true })
    }
    symlinkSync(join(original, 'node_modules'), join(this.repository, 'node_modules'), 'junction')
  }

  /**
   * Runs one of its tools.
   *
   * @throws {ToolError} with what it printed on stderr, when it fails
   */
  async run(tool: string, words: readonly string[] = []): Promise<void> {
    const env = { ...plainEnvironment(), ...environmentOf(this.#surroundings) }
    const script = join(this.repository, 'build', tool)
    const umask = process.umask(this.#surroundings.umask)
    try {
      // The child has our umask from its start on, so ours can be set back at once.
      const ended = runProgram(process.execPath, [...TYPESCRIPT, script, ...words], {
        cwd: this.repository,
        env,
      })
      process.umask(umask)
      await ended
    } finally {
      process.umask(umask)
    }
  }
}

function environmentOf({ user, timeZone, locale, clock }: Surroundings): NodeJS.ProcessEnv {
  const library = faketimeLibrary()
  return {
    USER: user,
    LOGNAME: user,
    HOSTNAME: `host-of-${user}`,
    TZ: timeZone,
    LANG: locale,
    LC_ALL: locale,
    // The home is no longer that of the cache.
    HOME: join('/home', user),
    XDG_CACHE_HOME: dirname(cacheFolder()),
    // Timers go by the monotonic clock and must not stand still.
    ...(library !== undefined &&
      clock !== undefined && {
        LD_PRELOAD: library,
        FAKETIME: clock,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      }),
  }
}
