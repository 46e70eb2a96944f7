/**
 * Liveness: which links are alive. Anything received counts; our own sends do not, since TCP takes
 * bytes for minutes after the peer is gone.
 *
 * A mesh at rest does nothing else, so wake-ups are few: all links are checked together, and all
 * silent ones are pinged at once. Of the two ends of a link the acceptor pings first; the dialer
 * waits a little longer. A node that is pinged is awake and pings its own silent links then, so
 * that the nodes of a mesh synchronise (Mirollo and Strogatz, 1990: Synchronization of
 * pulse-coupled biological oscillators).
 *
 * Where our own process is starved, so may be the peer: for a while that does not count as silence.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { CoreContext } from '../context.ts'
import type { Quiescence } from '../dialing/quiescence.ts'
import {
  LATE_SILENCE_FRACTION_MAX,
  UNANSWERED_CHECK_MS,
  YOUNG_FACTOR,
  YOUNG_PING_FACTOR,
} from '../limits.ts'
import type { Timings } from '../timings.ts'
import type { ConnectionTable } from './connection-table.ts'
import { isPlainCaller, type Link, pingedForSilence, received } from './link.ts'
import type { LinkTable } from './link-table.ts'

/** What the silence on a link asks for. */
export type Diagnosis =
  /** Nothing before this time; a ping is possible sooner if `mayPing`. */
  | { readonly kind: 'alive'; readonly untilMs: number; readonly mayPing: boolean }
  /** A ping. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'dead' }

/**
 * A link is pinged after `pingAfterMs` of silence, after half of it when links are checked anyway,
 * or later where the peer pings first and on a young link while nodes join; it is dead after
 * `silentAfterMs`, to which the time is added for which we were late meanwhile, up to a limit. A
 * ping always has its time to be answered, so that a process that was frozen does not give up its
 * peers. Pure.
 *
 * @param lateMs `CoreContext.lateMs`
 */
export function diagnose(
  link: Readonly<Link>,
  nowMs: number,
  lateMs: number,
  timings: Timings,
  nodesJoin: boolean,
): Diagnosis {
  const { pingAfterMs, silentAfterMs } = timings
  const { lastReceivedMs, openedMs, pingedMs } = link
  if (pingedMs !== undefined) {
    const heldMs = Math.min(lateMs - link.lateMs, LATE_SILENCE_FRACTION_MAX * silentAfterMs)
    const silentMs = lastReceivedMs + silentAfterMs
    const untilMs = Math.max(silentMs, pingedMs + answerMs(timings)) + heldMs
    return nowMs < untilMs ? { kind: 'alive', untilMs, mayPing: false } : { kind: 'dead' }
  }
  const isFirst = pingsFirst(link)
  const waitMs = isFirst ? 0 : graceOf(timings)
  const grownMs = nodesJoin ? openedMs + YOUNG_FACTOR * pingAfterMs : lastReceivedMs
  const youngMs = Math.min(lastReceivedMs + pingAfterWhileYoung(timings), grownMs)
  const untilMs = Math.max(lastReceivedMs + pingAfterMs, youngMs) + waitMs
  if (nowMs >= untilMs) return { kind: 'quiet' }
  const mayPing = isFirst && nowMs >= lastReceivedMs + earliestOf(timings)
  return { kind: 'alive', untilMs, mayPing }
}

/** A plain peer never pings. */
function pingsFirst(link: Readonly<Link>): boolean {
  return link.origin.kind === 'accepted' || link.identity === undefined
}

/**
 * How long the end that does not ping first waits for the other, in ms: 3 s by default. Larger: a
 * peer that does not ping has less time to answer. Smaller than the travel time of a ping: both
 * ping.
 */
function graceOf({ pingAfterMs, silentAfterMs }: Timings): number {
  return Math.min(pingAfterMs / 5, (silentAfterMs - pingAfterMs) / 10)
}

/**
 * The silence after which a link may be pinged, in ms. Larger: nodes do not synchronise. Smaller:
 * more pings until they do.
 */
function earliestOf({ pingAfterMs }: Timings): number {
  return pingAfterMs / 2
}

/**
 * The silence after which a young link is pinged, in ms: 30 s by default, if that leaves time for
 * the answer. Nodes that start together on one machine are busy, and their links say nothing for as
 * long as that takes.
 */
export function pingAfterWhileYoung({ pingAfterMs, silentAfterMs }: Timings): number {
  return Math.min(YOUNG_PING_FACTOR * pingAfterMs, (pingAfterMs + silentAfterMs) / 2)
}

/** What the latest ping leaves of `silentAfterMs` for its answer, in ms: 12 s by default. */
export function answerMs(timings: Timings): number {
  return timings.silentAfterMs - pingAfterWhileYoung(timings) - graceOf(timings)
}

export class Liveness {
  readonly #context: CoreContext
  readonly #links: LinkTable
  readonly #connections: ConnectionTable
  readonly #quiescence: Quiescence
  #checkedMs = Number.NEGATIVE_INFINITY
  #dueMs = Number.POSITIVE_INFINITY

  constructor(
    context: CoreContext,
    links: LinkTable,
    connections: ConnectionTable,
    quiescence: Quiescence,
  ) {
    this.#context = context
    this.#links = links
    this.#connections = connections
    this.#quiescence = quiescence
  }

  /** A link is in the table. */
  admitted(link: Link): void {
    // It may never answer a ping; the kernel's TCP keep-alive finds out when it is gone.
    if (isPlainCaller(link)) return
    const { nowMs, lateMs, timings } = this.#context
    received(link, nowMs, lateMs)
    this.#checkBy(nowMs + timings.pingAfterMs)
  }

  /** Anything was received on a link. */
  received(link: Link): void {
    const { nowMs, lateMs, timings } = this.#context
    received(link, nowMs, lateMs)
    const earliestMs = earliestOf(timings)
    const isSoon = this.#dueMs - nowMs <= earliestMs
    if (isSoon && nowMs - this.#checkedMs >= earliestMs) this.#checkBy(nowMs)
  }

  /** It is time to check all links. */
  check(): void {
    const { nowMs, lateMs, timings } = this.#context
    // While nodes join, nothing is done sooner than it must be.
    const isQuiescent = this.#quiescence.quiescentAtMs(timings.pingAfterMs) <= nowMs
    this.#checkedMs = nowMs
    this.#dueMs = Number.POSITIVE_INFINITY
    for (const link of [...this.#links.all()]) {
      if (isPlainCaller(link)) continue
      const diagnosis = diagnose(link, nowMs, lateMs, timings, !isQuiescent)
      switch (diagnosis.kind) {
        case 'dead':
          this.#connections.close(link, CloseCode.SILENT, 'silent for too long')
          break
        case 'quiet':
          this.#ping(link)
          break
        case 'alive':
          if (isQuiescent && diagnosis.mayPing) this.#ping(link)
          else if (link.pingedMs === undefined) this.#checkBy(diagnosis.untilMs)
          // Only a timer shows how late we are.
          else this.#checkBy(Math.min(diagnosis.untilMs, nowMs + UNANSWERED_CHECK_MS))
          break
        default:
          diagnosis satisfies never
      }
    }
  }

  #ping(link: Link): void {
    const { nowMs, timings } = this.#context
    const { pingAfterMs, silentAfterMs } = timings
    const { lastReceivedMs } = link
    const isLate = nowMs - lastReceivedMs > pingAfterMs + graceOf(timings)
    pingedForSilence(link, nowMs)
    this.#connections.ping(link)
    // After a late one there is so little time that our own lateness has to be seen.
    if (isLate) this.#checkBy(nowMs + UNANSWERED_CHECK_MS)
    // Once it is answered, the next silence counts from then.
    else this.#checkBy(Math.min(nowMs + pingAfterMs, lastReceivedMs + silentAfterMs))
  }

  #checkBy(atMs: number): void {
    if (atMs >= this.#dueMs) return
    this.#dueMs = atMs
    const { timers } = this.#context
    timers.set({ kind: 'liveness', subject: 'mesh' }, atMs)
  }
}
