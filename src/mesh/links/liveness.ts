/**
 * Whether links are alive. Anything received counts, our own sends do not: TCP takes bytes for
 * minutes after the peer is gone.
 *
 * A mesh at rest does nothing but this, so it is done with few wake-ups. All links are looked at
 * together, and all that have been silent for a while are asked for a sign of life at once. Of the
 * two ends of a link the one that accepted it asks first; the other was heard at the same moment,
 * would ask at the same moment, and waits a little longer. And whoever is asked is awake anyway and
 * asks others then, so that the nodes of a mesh come to do this at the same time, as fireflies do
 * (Mirollo and Strogatz, 1990: Synchronization of pulse-coupled biological oscillators).
 */

import type { Quiescence } from '../dialing/quiescence.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'
import { isPlainCaller, type Link, type LinkTable } from './link.ts'

/** What the silence on a link asks for. */
export type Diagnosis =
  /** Nothing before this time, and a ping before it only if that suits us. */
  | { readonly kind: 'alive'; readonly untilMs: number; readonly mayAsk: boolean }
  /** A ping. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'dead' }

/**
 * A link is pinged after `pingAfterMs` of silence, after half of it when we look at it anyway, or
 * later where the peer is the one to ask; it is dead after `silentAfterMs`. A ping has its time to
 * be answered in any case, so that a process that was frozen itself does not give up its peers.
 * Pure.
 */
export function diagnose(link: Readonly<Link>, nowMs: number, timings: Timings): Diagnosis {
  const { pingAfterMs, silentAfterMs } = timings
  const { lastReceivedMs, pingedMs } = link
  const graceMs = graceOf(timings)
  if (pingedMs !== undefined) {
    const answerByMs = pingedMs + silentAfterMs - pingAfterMs - graceMs
    const untilMs = Math.max(lastReceivedMs + silentAfterMs, answerByMs)
    return nowMs < untilMs ? { kind: 'alive', untilMs, mayAsk: false } : { kind: 'dead' }
  }
  const isOurs = asksFirst(link)
  const untilMs = lastReceivedMs + pingAfterMs + (isOurs ? 0 : graceMs)
  if (nowMs >= untilMs) return { kind: 'quiet' }
  return { kind: 'alive', untilMs, mayAsk: isOurs && nowMs >= lastReceivedMs + earliestOf(timings) }
}

/** A plain peer never asks. */
function asksFirst(link: Readonly<Link>): boolean {
  return link.origin.kind === 'accepted' || link.identity === undefined
}

/**
 * How long the end that does not ask first waits for the other, in ms: 3 s by default. Larger: a
 * peer that does not ask has less time to answer. Smaller than the journey of a ping: both ask.
 */
function graceOf({ pingAfterMs, silentAfterMs }: Timings): number {
  return Math.min(pingAfterMs / 5, (silentAfterMs - pingAfterMs) / 10)
}

/**
 * The silence after which a link may be asked, in ms. Larger: nodes do not come to do it at the
 * same time. Smaller: more pings until they do.
 */
function earliestOf({ pingAfterMs }: Timings): number {
  return pingAfterMs / 2
}

/** What liveness works with. */
export interface LivenessOptions {
  readonly links: LinkTable
  readonly quiescence: Quiescence
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  /** Asks for a sign of life. */
  readonly ping: (link: Link) => void
  /** The peer of this link is gone. */
  readonly giveUp: (link: Link) => void
}

/** Looks after all links. */
export class Liveness {
  readonly #options: LivenessOptions
  #lookedMs = Number.NEGATIVE_INFINITY
  #dueMs = Number.POSITIVE_INFINITY

  constructor(options: LivenessOptions) {
    this.#options = options
  }

  /** Looks after a link from now on. */
  watch(link: Link): void {
    // Who never reads does not answer pings; for those the shell has TCP keep-alive.
    if (isPlainCaller(link)) return
    const { turn, timings } = this.#options
    this.#lookBy(turn.nowMs + timings.pingAfterMs)
  }

  /** Something was received on a link. */
  heard(link: Link): void {
    const { turn, timings } = this.#options
    link.lastReceivedMs = turn.nowMs
    link.pingedMs = undefined
    const restMs = earliestOf(timings)
    const isSoon = this.#dueMs - turn.nowMs <= restMs
    if (isSoon && turn.nowMs - this.#lookedMs >= restMs) this.#lookBy(turn.nowMs)
  }

  /** It is time to look at all links. */
  look(): void {
    const { links, quiescence, turn, timings, giveUp } = this.#options
    // While nodes join, nothing is done sooner than it must be.
    const isQuiescent =
      quiescence.sinceMs(timings.pingAfterMs, Number.POSITIVE_INFINITY) <= turn.nowMs
    this.#lookedMs = turn.nowMs
    this.#dueMs = Number.POSITIVE_INFINITY
    for (const link of [...links.all()]) {
      // Giving up one link can end others.
      if (isPlainCaller(link) || links.get(link.id) === undefined) continue
      const diagnosis = diagnose(link, turn.nowMs, timings)
      switch (diagnosis.kind) {
        case 'dead':
          giveUp(link)
          break
        case 'quiet':
          this.#ping(link)
          break
        case 'alive':
          if (isQuiescent && diagnosis.mayAsk) this.#ping(link)
          else this.#lookBy(diagnosis.untilMs)
          break
        default:
          diagnosis satisfies never
      }
    }
  }

  #ping(link: Link): void {
    const { turn, timings, ping } = this.#options
    link.pingedMs = turn.nowMs
    ping(link)
    // When it answers, the next silence counts from then.
    this.#lookBy(turn.nowMs + timings.pingAfterMs)
  }

  #lookBy(atMs: number): void {
    if (atMs >= this.#dueMs) return
    this.#dueMs = atMs
    this.#options.timers.set({ kind: 'liveness', subject: 'mesh' }, atMs)
  }
}
