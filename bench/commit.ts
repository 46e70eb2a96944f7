/** Which commit is measured. */

import { spawnSync } from 'node:child_process'
import { REPOSITORY } from '../build/repository.ts'

/** `f44402a`, or `f44402a-dirty` when files differ from it; undefined outside of a clone. */
export function commitNow(): string | undefined {
  const words = ['describe', '--always', '--dirty', '--exclude=*']
  const { status, stdout } = spawnSync('git', words, { cwd: REPOSITORY, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
