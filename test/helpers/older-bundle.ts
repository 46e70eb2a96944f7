/** The bundle of an earlier commit, for meshes of two versions. */

import { spawnSync } from 'node:child_process'
import { REPOSITORY } from '../../build/repository.ts'
import { BUNDLE } from './node-process.ts'

const PATH = 'node-1/index.js'

/** Of more commits than one, the bundle may be the one of today. */
const COMMITS = 5

/**
 * The bundle before the one of today, as it was committed. A clone that does not have that commit
 * gives the one of today as it was before requests: it neither announces them nor sees that a peer
 * does.
 */
export function olderBundle(): string {
  const commits = git('log', `--max-count=${COMMITS}`, '--format=%H', '--', PATH).split('\n')
  const today = BUNDLE.toString()
  for (const commit of commits.filter((one) => one !== '')) {
    const text = git('show', `${commit}:${PATH}`)
    if (text !== '' && text !== today) return text
  }
  return today.replaceAll(/mesh-requests/gi, 'Mesh-Other')
}

/** What git prints, or nothing when it fails. */
function git(...words: readonly string[]): string {
  const options = { cwd: REPOSITORY, encoding: 'utf8', maxBuffer: 2 ** 26 } as const
  const { status, stdout } = spawnSync('git', words, options)
  return status === 0 ? stdout : ''
}
