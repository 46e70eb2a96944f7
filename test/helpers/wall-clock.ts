/**
 * A wall clock that a test can set, for the processes that it runs. Only their Date follows it; the
 * monotonic clock stays true, as when somebody sets the clock of a machine. Linux, Debian's
 * faketime.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { faketimeLibrary } from '../../build/faketime.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A clock that is right until it is set. */
export class WallClock {
  /** Environment variables that make a process go by this clock. */
  readonly env: Readonly<Record<string, string>>
  readonly #file: string

  /** @throws with one sentence that says what is missing */
  constructor(t: ExecutionContext) {
    this.#file = join(temporaryFolder(t), 'clock')
    this.jump(0)
    this.env = {
      LD_PRELOAD: libraryPath(),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      TZ: 'UTC',
    }
  }

  /** Sets it so many hours ahead of the true time, or behind it. Processes see it at once. */
  jump(hours: number): void {
    writeFileSync(this.#file, `${hours < 0 ? '' : '+'}${hours}h\n`)
  }
}

function libraryPath(): string {
  const path = faketimeLibrary()
  if (path === undefined) throw new Error('install faketime: apt-get install faketime')
  return path
}
