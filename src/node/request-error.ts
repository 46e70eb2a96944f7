/** The errors of requests, which say whether the request ran. */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'
import { LINK_WAIT_MS } from '../requests/limits.ts'
import {
  DID_NOT_RUN,
  type GoneBecause,
  type Outcome,
  type OutcomeCode,
} from '../requests/outputs.ts'
import type { Refusal } from '../wire/request-messages.ts'

/** What was asked. */
interface Asked {
  readonly to: string
  readonly topic: string
  readonly timeoutMs: number
}

export function requestError(
  { to, topic, timeoutMs }: Asked,
  outcome: Exclude<Outcome, { kind: 'answer' }>,
): { readonly code: OutcomeCode; readonly error: NodeError } {
  const made = (code: OutcomeCode, problem: string, cause?: string) => {
    const message = `request ${quoted(topic)} to ${to}: ${problem}`
    return { code, error: new NodeError(code, message, { exitCode: 1, cause }) }
  }
  switch (outcome.kind) {
    case 'timeout':
      return made('TIMEOUT', `no answer within ${timeoutMs} ms; ${ranText(outcome.wasSent)}`)
    case 'gone':
      return made('PEER_GONE', `${GONE[outcome.because]}; ${ranText(outcome.wasSent)}`)
    case 'full':
      return made('TOO_MANY_REQUESTS', `too many are open to this peer; ${DID_NOT_RUN}`)
    case 'refusal':
      return made(
        outcome.error,
        REFUSED[outcome.error] + (outcome.text && `: ${outcome.text}`),
        outcome.text,
      )
    default:
      return outcome satisfies never
  }
}

function ranText(wasSent: boolean): string {
  return wasSent ? 'it may have run' : DID_NOT_RUN
}

const GONE: Readonly<Record<GoneBecause, string>> = {
  goodbye: 'the peer stopped',
  lost: `the connection was lost and not back within ${LINK_WAIT_MS} ms`,
  never: `not connected within ${LINK_WAIT_MS} ms`,
  stopped: 'this node stops',
}

const REFUSED: Readonly<Record<Refusal, string>> = {
  NO_RESPONDER: 'it has no responder, so nothing ran',
  PEER_GONE: 'it may have run',
  RESPONDER_FAILED: 'the responder failed',
  TOO_MANY_REQUESTS: DID_NOT_RUN,
}
