/** `status`: shows the status of the running node of a folder. */

import { escapedJson } from '../../log/printable.ts'
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

function prettyJson(document: unknown): string {
  return JSON.stringify(document, null, 2).split('\n').map(escapedJson).join('\n')
}
