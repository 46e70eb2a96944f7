/** `status`: shows the status of the running node of a folder. */

import type { Status } from '../../http/status.ts'
import { usesColour } from '../../log/log.ts'
import { type Asked, askRunningNode } from './running-node.ts'
import { columnsOf, type Screen } from './screen.ts'
import { statusTable } from './status-table.ts'
import { watchStatus } from './status-watch.ts'

/** What `status` needs. */
export interface StatusOptions {
  readonly config: Asked
  /** How this program is called, for messages. */
  readonly program: string
  /** Once as a table, once as JSON, or again and again. */
  readonly form: 'table' | 'json' | 'watch'
  readonly stdout: Screen
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends `watch`. */
  readonly signal: AbortSignal
}

/**
 * Shows the status, and gives the exit code: 0 when the node is complete or watching ended, else 1.
 *
 * @throws {NodeError} STATUS_… when there is no status; `watch` shows the reason and goes on.
 */
export async function status(options: StatusOptions): Promise<0 | 1> {
  const { config, program, form, stdout, env, signal } = options
  if (form === 'watch') {
    const ask = async () => (await askRunningNode(config, program)).status
    await watchStatus({ ask, stdout, env, signal })
    return 0
  }
  const answer = await askRunningNode(config, program)
  const lines = form === 'json' ? [prettyJson(answer.document)] : tableLines(answer.status, options)
  stdout.write(`${lines.join('\n')}\n`)
  return answer.status.complete ? 0 : 1
}

function tableLines(seen: Status, { stdout, env }: StatusOptions): readonly string[] {
  const coloured = usesColour(stdout, env)
  const columns = columnsOf(stdout)
  const { head, rows, foot } = statusTable(seen, { columns, coloured, now: new Date() })
  return [...head, ...rows, ...foot]
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
