/** `status --wait-listening` and `--wait-complete`: for scripts and service managers. */

import { printable } from '../../log/printable.ts'
import { monotonicMs } from '../../runtime/monotonic.ts'
import { delay } from '../../runtime/on-demand.ts'
import type { Wait } from '../arguments.ts'
import { askNode, type NodePlace } from '../node-request.ts'

/** Between two questions, in ms. Smaller: more load on a node that forms its mesh. */
const PAUSE_MS = 200

/** With less time than this, in ms, no answer says nothing: this process or the node is busy. */
const ANSWER_MS_MIN = 500

export interface WaitOptions extends Wait {
  readonly config: NodePlace
  readonly print: (line: string) => void
}

/** Waits, says in one line what is so then, and gives the exit code: 1 when it was not in time. */
export async function wait({ config, until, timeoutMs, print }: WaitOptions): Promise<0 | 1> {
  const { signal } = new AbortController()
  const deadlineMs = monotonicMs() + timeoutMs
  let text: string | undefined
  for (;;) {
    const leftMs = Math.max(1, deadlineMs - monotonicMs())
    const { isAnswered, isSo, text: seen } = await look(config, until, leftMs)
    if (isAnswered || leftMs >= ANSWER_MS_MIN) text = seen
    if (isSo || monotonicMs() + PAUSE_MS > deadlineMs) {
      const words = isSo ? until : `not ${until} after ${timeoutMs / 1_000} s`
      print(printable(`${words}: ${text ?? seen}`))
      return isSo ? 0 : 1
    }
    await delay(PAUSE_MS, signal)
  }
}

interface Look {
  readonly isSo: boolean
  /** Whether it is known who listens there, if anybody does. */
  readonly isAnswered: boolean
  /** What the node says of its mesh, or why it says nothing. */
  readonly text: string
}

async function look(config: NodePlace, until: Wait['until'], leftMs: number): Promise<Look> {
  const { timings } = config
  const dialTimeoutMs = Math.ceil(Math.min(timings.dialTimeoutMs, leftMs))
  const path = until === 'complete' ? '/health?complete' : '/health'
  const answer = await askNode({ ...config, timings: { ...timings, dialTimeoutMs } }, { path })
  const { place } = answer
  if (answer.kind === 'not-running') {
    return { isSo: false, isAnswered: true, text: `nothing listens on ${place}` }
  }
  if (answer.kind === 'failed') {
    return { isSo: false, isAnswered: false, text: `${answer.problem} on ${place}` }
  }
  const { status } = answer
  const summary = summaryIn(answer.text)
  if (summary !== undefined) {
    return { isSo: status === 200, isAnswered: true, text: summary }
  }
  const text = `no node of this version on ${place} (HTTP ${status})`
  return { isSo: false, isAnswered: true, text }
}

/** Undefined when it is not a node that answers. */
function summaryIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const hasSummary = typeof value === 'object' && value !== null && 'summary' in value
    return hasSummary && typeof value.summary === 'string' ? value.summary : undefined
  } catch {
    return undefined
  }
}
