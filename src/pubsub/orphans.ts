/**
 * Feeds whose owner is gone: what one node has got of them, all get. A node tells two random peers
 * what it has, and two more after a while; whoever gains by that does the same. A hole is announced
 * only after every peer had the chance to fill it.
 */

import { earlier } from '../structures/earlier.ts'
import { FEEDS_NAMED_MAX } from '../wire/feed-codec.ts'
import type { FeedsMessage } from '../wire/feed-messages.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Feed } from './feed.ts'
import type { Cut, Inlets } from './inlets.ts'
import {
  FEEDS_AGAIN_MS,
  FEEDS_DELAY_MS,
  FEEDS_PEERS,
  FEEDS_REPAIR_MS,
  HOLE_WAIT_MS,
  HOLES_MAX,
} from './limits.ts'
import type { Log } from './log.ts'
import type { Output } from './outputs.ts'

/** A place in a feed that is missing here. */
interface Hole {
  readonly id: string
  /** The number that is missing; 0 when nothing of the feed is here yet. */
  readonly at: number
  /** The links that have not answered. */
  readonly asked: Set<LinkId>
  /** The link that `first` is of. */
  link: LinkId
  /** The lowest number above the hole that a link has. */
  first: number
  cutMs: number
  readonly deadlineMs: number
}

export interface OrphanOptions {
  readonly log: Log
  readonly own: string
  readonly inlets: Inlets
  readonly links: () => Iterable<LinkId>
  readonly random: () => number
  readonly order: (output: Output) => void
}

export class Orphans {
  readonly #options: OrphanOptions
  readonly #holes = new Map<string, Hole>()
  /** When to tell peers what we have. */
  #tellMs: number | undefined
  /** Whether something has changed since they were told. */
  #isNews = false

  constructor(options: OrphanOptions) {
    this.#options = options
  }

  /** The last link to the owner of a feed is gone, or a feed without owner has gained. */
  changed(feed: string, nowMs: number): void {
    if (this.#options.log.feed(feed) === undefined) return
    const atMs = nowMs + this.#options.random() * FEEDS_DELAY_MS
    this.#tellMs = Math.min(atMs, this.#tellMs ?? atMs)
    this.#isNews = true
  }

  /** A link opened: its peer may lack what we have. */
  opened(link: LinkId, nowMs: number): void {
    const feeds = this.#feeds(nowMs)
    if (feeds.length > 0) this.#tell(link, feeds)
  }

  /** A peer has told what it has. It is asked for what is missing here, and told what it lacks. */
  told(link: LinkId, { have }: FeedsMessage['data'], nowMs: number): void {
    const { inlets, log, own } = this.#options
    const lacking: Feed[] = []
    for (const [id, next] of Object.entries(have)) {
      if (id === own || inlets.isLinked(id)) continue
      const feed = log.feed(id)
      if (feed === undefined || feed.next < next) inlets.told(link, id, next, nowMs)
      else if (feed.next > next) lacking.push(feed)
    }
    if (lacking.length > 0) this.#tell(link, lacking)
  }

  /** A link lacks what is missing here, too. */
  holeFound({ id, link, first, cutMs }: Cut, nowMs: number): void {
    const { inlets, links, log } = this.#options
    const at = log.feed(id)?.next ?? 0
    let hole = this.#holes.get(id)
    if (hole === undefined || hole.at !== at) {
      // One that finds no room is found again when peers tell what they have.
      if (first <= at || (hole === undefined && this.#holes.size >= HOLES_MAX)) return
      hole = {
        id,
        at,
        asked: new Set(links()),
        link,
        first,
        cutMs,
        deadlineMs: nowMs + HOLE_WAIT_MS,
      }
      this.#holes.set(id, hole)
      for (const other of hole.asked) if (other !== link) inlets.ask(other, id, nowMs)
    }
    hole.asked.delete(link)
    if (first > at && first < hole.first) Object.assign(hole, { link, first, cutMs })
    if (hole.asked.size === 0) this.#giveUp(hole, nowMs)
  }

  closed(link: LinkId, nowMs: number): void {
    for (const hole of this.#holes.values()) {
      hole.asked.delete(link)
      if (hole.asked.size === 0) this.#giveUp(hole, nowMs)
    }
  }

  deadlineMs(): number | undefined {
    let dueMs = this.#tellMs
    for (const { deadlineMs } of this.#holes.values()) dueMs = earlier(dueMs, deadlineMs)
    return dueMs
  }

  onDeadline(nowMs: number): void {
    for (const hole of this.#holes.values()) {
      if (hole.deadlineMs <= nowMs) this.#giveUp(hole, nowMs)
    }
    if (this.#tellMs === undefined || this.#tellMs > nowMs) return
    this.#tellMs = undefined
    const feeds = this.#feeds(nowMs)
    if (feeds.length === 0) return
    for (const link of this.#draw([...this.#options.links()], FEEDS_PEERS)) this.#tell(link, feeds)
    this.#tellMs = nowMs + (this.#isNews ? FEEDS_AGAIN_MS : FEEDS_REPAIR_MS)
    this.#isNews = false
  }

  /**
   * Those whose owner is gone and of which anybody may keep items, as many as fit a message. A
   * stranger can make up more, and a peer takes only some that it does not know: those whose owner
   * was linked go first, and of them the newest.
   */
  #feeds(nowMs: number): readonly Feed[] {
    const { inlets, log, own } = this.#options
    return [...log.feeds()]
      .filter((feed) => feed.id !== own && !inlets.isLinked(feed.id) && log.isRecent(feed, nowMs))
      .toReversed()
      .toSorted((a, b) => Number(inlets.wasLinked(b.id)) - Number(inlets.wasLinked(a.id)))
      .slice(0, FEEDS_NAMED_MAX)
  }

  #giveUp({ id, at, link, first, cutMs }: Hole, nowMs: number): void {
    const { inlets, log } = this.#options
    this.#holes.delete(id)
    const known = log.feed(id)
    if ((known?.next ?? 0) !== at || inlets.isLinked(id)) return
    const feed = known ?? log.open(id, log.wantedFrom(id) ?? 1)
    if (first > feed.next) {
      log.skipTo(feed, first, cutMs, nowMs)
      feed.doubt ??= { link, from: first }
    }
    this.changed(id, nowMs)
    inlets.ask(link, id, nowMs)
  }

  #tell(link: LinkId, feeds: readonly Feed[]): void {
    const have = Object.fromEntries(feeds.map(({ id, next }) => [id, next]))
    const text = JSON.stringify({ type: 'FEEDS', data: { have } })
    this.#options.order({ kind: 'send', link, text, awaitsDrain: false })
  }

  #draw(links: LinkId[], count: number): readonly LinkId[] {
    const drawn: LinkId[] = []
    while (drawn.length < count && links.length > 0) {
      drawn.push(...links.splice(Math.floor(this.#options.random() * links.length), 1))
    }
    return drawn
  }
}
