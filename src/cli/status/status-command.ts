/** `status`: shows the status of the running node of a folder. */

import type { StatusForm } from '../arguments.ts'
import { requestStatus, type StatusTarget } from './running-node.ts'
import { linesOf, type WatchOptions, watchStatus } from './status-watch.ts'

export interface StatusOptions extends Pick<WatchOptions, 'stdout' | 'env' | 'signal'> {
  readonly config: StatusTarget
  /** How this program is called, for messages. */
  readonly program: string
  readonly form: StatusForm
}

/**
 * Shows the status, and gives the exit code: 0 when the node is complete or watching ended, else 1.
 *
 * @throws {NodeError} STATUS_… when there is no status; `watch` shows the reason and goes on.
 */
export async function status(options: StatusOptions): Promise<0 | 1> {
  const { config, program, form, stdout, env, signal } = options
  if (form === 'watch') {
    const request = async () => (await requestStatus(config, program)).status
    await watchStatus({ request, stdout, env, signal })
    return 0
  }
  const answer = await requestStatus(config, program)
  const lines =
    form === 'json' ? [prettyJson(answer.document)] : linesOf(answer.status, stdout, env)
  stdout.write(`${lines.join('\n')}\n`)
  return answer.status.complete ? 0 : 1
}

/** The document with what a terminal would act on escaped, as JSON does it for most of that. */
function prettyJson(document: unknown): string {
  return JSON.stringify(document, null, 2).replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Not JSON's own line feeds, and nothing that takes two code units. */
const INVISIBLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g
