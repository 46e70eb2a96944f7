/** After quiet all nodes have the same: the end of every feed, and what was published to them. */

import type { Place } from '../place.ts'
import { SimNode } from '../sim-node.ts'
import type { World } from '../world.ts'
import type { FeedRecord, Ledger } from './ledger.ts'
import { KEPT_MS } from './ledger.ts'
import type { MessageNode } from './message-node.ts'
import { short } from './reader.ts'

/**
 * How long it may take, in ms: a hole waits 10 s, and of eleven rounds of FEEDS, 30 s apart, each
 * misses a node with a probability of e^-2.
 */
export const AGREE_MS = 340_000

interface Survivor {
  readonly name: string
  readonly messages: MessageNode
}

/** What is missing, as a sentence; undefined when all have the same. */
export function expectAgreement(world: World, places: readonly Place[]): string | undefined {
  const ledger = world.messages?.ledger
  if (ledger === undefined) return undefined
  const survivors = survivorsOf(places)
  for (const [feed, record] of ledger.feeds()) {
    if (ledger.stolen.has(feed)) continue
    const problem = isRunning(record, places)
      ? ofLiving(feed, record, survivors)
      : ofDead(feed, ledger, survivors, world.time.nowMs)
    if (problem !== undefined) return problem
  }
  return undefined
}

export function survivorsOf(places: readonly Place[]): readonly Survivor[] {
  return places.flatMap(({ listener, name }) => {
    const messages = listener instanceof SimNode ? listener.messages : undefined
    return messages === undefined ? [] : [{ name, messages }]
  })
}

function isRunning({ owner }: FeedRecord, places: readonly Place[]): boolean {
  return places.some(({ listener }) => listener === owner)
}

function ofLiving(
  feed: string,
  { items, keepsAll }: FeedRecord,
  survivors: readonly Survivor[],
): string | undefined {
  const end = items.length + 1
  const lastMs = items.at(-1)?.atMs ?? 0
  for (const { messages, name } of survivors) {
    const known = messages.reader.next(feed)
    // All of it is older than this node.
    if (known === undefined && lastMs < messages.startedMs) continue
    const next = known ?? 1
    if (next !== end) return `${name} wants ${next} of ${short(feed)}, which ends before ${end}`
    const wrong = messages.reader.wrongOf(feed)
    const mayLack = !keepsAll || messages.settings.logBytes !== undefined
    if (wrong !== undefined && !mayLack) return `${name} has a forged ${wrong} of ${short(feed)}`
  }
  return undefined
}

/** What one survivor has of a feed whose owner is gone, all have that ran when it was published. */
function ofDead(
  feed: string,
  ledger: Ledger,
  survivors: readonly Survivor[],
  nowMs: number,
): string | undefined {
  const relaying = survivors.filter(({ messages }) => messages.settings.takesRelayed)
  const ends = relaying.map(({ messages }) => messages.reader.next(feed) ?? 1)
  const end = Math.max(1, ...ends)
  const first = relaying[ends.indexOf(end)]
  for (const { messages, name } of relaying) {
    const next = messages.reader.next(feed)
    const sinceMs = Math.max(messages.startedMs, nowMs - KEPT_MS)
    const lastMs = ledger.publishedMs(feed, end - 1)
    if (next === end || lastMs === undefined || lastMs < sinceMs) continue
    return `${name} wants ${next} of ${short(feed)}, whose owner is gone, and ${first?.name} ${end}`
  }
  return undefined
}
