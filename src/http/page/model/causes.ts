/** Why a node is not connected, in words that say what an operator can do. Pure. */

import type { PeerStatus, Status } from '../../status.ts'

type Ending = NonNullable<PeerStatus['lastEnding']>

type Close = Status['log'][number]['close']

/** What a cause means, and the words of the system or of the peer for it, if they are others. */
export interface Cause {
  readonly meaning: string
  readonly raw: string
}

/** By the failure of a dial. The words for all others say what they mean. */
const FAILURES: Readonly<Record<string, string>> = {
  refused: 'nothing listens there, so the program is probably not running: start it again',
  'timed-out':
    'the machine does not answer: it is off, or the network is broken, or a firewall blocks it',
  'no-answer':
    'the port accepts connections, but the program does not answer: restart it, if it is a Fullmesh node',
  unreachable: 'the machine cannot be reached: it is off, or there is no route to it',
  'name-not-found': 'the host name was not found: it is wrong, or the name server does not answer',
}

/** Close codes, as docs/PROTOCOL.md, section 6 has them. */
const GOING_AWAY = 1001
const SILENT = 4005

/** Whether the peer said that it stops. */
export function isGoodbye(close: Close | undefined): boolean {
  return close?.by === 'peer' && close.code === GOING_AWAY
}

export function causeOf({ text, close, dial }: Ending): Cause {
  const raw = dial?.reason ?? text
  const meaning = dial ? FAILURES[dial.failure] : meaningOf(close)
  return meaning === undefined ? { meaning: raw, raw: '' } : { meaning, raw }
}

function meaningOf(close: Close | undefined): string | undefined {
  if (isGoodbye(close)) return 'the program was stopped'
  if (close?.by === 'network')
    return 'the connection broke: the program ended, or the network failed'
  if (close?.by === 'us' && close.code === SILENT) {
    return 'nothing came from it for too long: the program hangs, or the network fails'
  }
  return undefined
}
