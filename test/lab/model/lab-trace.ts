/** What each core took and gave: the last lines of each node. */

import { Trace } from '../../sim/trace.ts'
import { withCloseCode } from './close-code.ts'

/** Lines that are kept of each node: as many as a person reads. */
const LINES_MAX = 100

export interface TraceLine {
  /** Counts the lines of its node. */
  readonly number: number
  readonly atMs: number
  readonly text: string
}

/** What is kept of one node, the oldest first. */
interface Log {
  count: number
  readonly all: TraceLine[]
  readonly news: TraceLine[]
  /** The HANDSHAKEs of this process. */
  readonly handshakes: Set<string>
}

export class LabTrace extends Trace {
  readonly #logs = new Map<string, Log>()
  #lastNewsMs = 0

  constructor() {
    super(true)
  }

  override note(nowMs: number, source: string, what: () => string): void {
    const text = withCloseCode(what().trim())
    // What the core tells the core of messages: no frame.
    if (text.startsWith('messages ')) return
    const log = this.#logs.get(source) ?? newLog()
    this.#logs.set(source, log)
    log.count += 1
    const line = { number: log.count, atMs: nowMs, text }
    add(log.all, line)
    if (isRoutine(text, log)) return
    this.#lastNewsMs = nowMs
    add(log.news, line)
  }

  /** When a line that is not routine was last added. */
  get lastNewsMs(): number {
    return this.#lastNewsMs
  }

  /** The last lines of a node, the newest first. */
  of(source: string): readonly TraceLine[] {
    return lastOf(this.#logs.get(source)?.all)
  }

  /** The last lines of a node that are not routine, the newest first. */
  newsOf(source: string): readonly TraceLine[] {
    return lastOf(this.#logs.get(source)?.news)
  }
}

function newLog(): Log {
  return { count: 0, all: [], news: [], handshakes: new Set() }
}

function add(lines: TraceLine[], line: TraceLine): void {
  lines.push(line)
  if (lines.length > 2 * LINES_MAX) lines.splice(0, LINES_MAX)
}

function lastOf(lines: readonly TraceLine[] = []): readonly TraceLine[] {
  return lines.slice(-LINES_MAX).reverse()
}

const ROUTINE =
  /^(?:<- (?:deadline|ping-received|pong-received)|ping |(?:sends|<- frame-received) #\d+ \{"type":"(?:FEEDS?|WANT)")/

const HANDSHAKE = /^(?:send|<- frame-received) #\d+ \{"type":"HANDSHAKE"/

/** Timers, pings, the bookkeeping of messages, and a HANDSHAKE that repeats one of its link. */
function isRoutine(text: string, { handshakes }: Log): boolean {
  // A new process numbers its links from 1 again.
  if (text === '<- started') handshakes.clear()
  if (ROUTINE.test(text)) return true
  if (!HANDSHAKE.test(text)) return false
  const isRepeated = handshakes.has(text)
  handshakes.add(text)
  return isRepeated
}
