/** The frames about feeds that a hostile peer sends. */

import type { Network, Socket } from '../network.ts'
import type { Random } from '../random.ts'
import type { Ledger } from './ledger.ts'
import type { MessageAttack } from './message-attacks.ts'

/** The longest pause between two groups of frames on a link, in ms. */
const PAUSE_MS_MAX = 1_500

/** How many groups of frames it sends on one link at most. */
const GROUPS_MAX = 8

/** How many unknown feeds it names at once: more than a link may make known. */
const UNKNOWN_FEEDS = 100

/** How fast it reads once it does not want to, in bytes per ms. */
const RELUCTANT_BYTES_PER_MS = 0.02

export class Forger {
  readonly #random: Random
  readonly #network: Network
  readonly #ledger: Ledger

  constructor(random: Random, network: Network, ledger: Ledger) {
    this.#random = random
    this.#network = network
    this.#ledger = ledger
  }

  /** Carries out an attack on a link that has just opened. @param own the feed of its identity */
  begin(attack: MessageAttack, socket: Socket, own: string): void {
    const { time } = this.#network
    if (attack === 'never reads') socket.process.place.bytesPerMs = RELUCTANT_BYTES_PER_MS
    let atMs = time.nowMs
    for (let left = this.#random.int(1, GROUPS_MAX); left > 0; left -= 1) {
      time.at(atMs, () => {
        for (const data of this.#frames(attack, own)) {
          if (socket.open) this.#network.send(socket, { kind: 'text', text: JSON.stringify(data) })
        }
      })
      atMs += this.#random.between(0, PAUSE_MS_MAX)
    }
  }

  #frames(attack: MessageAttack, own: string): readonly object[] {
    const random = this.#random
    const many = (count: number, make: () => object): object[] =>
      Array.from({ length: count }, make)
    switch (attack) {
      case 'forged feeds':
        return many(10, () => this.#forged(this.#anyFeed()))
      case 'forged feeds with copied ids':
        return many(5, () => this.#forged(random.chance(0.8) ? own : this.#anyFeed()))
      case 'rewinds':
      case 'never reads':
        return many(20, () => this.#want(this.#anyFeed()))
      case 'holes':
        return many(5, () => events(own, random.int(1, 40), random.int(1, 6)))
      case 'unknown feeds': {
        const feeds = many(UNKNOWN_FEEDS, () => ({ id: random.hex(32) })) as { id: string }[]
        const have = Object.fromEntries(feeds.map(({ id }) => [id, random.int(2, 9)]))
        return [
          { type: 'FEEDS', data: { have } },
          ...feeds.map(({ id }) => events(id, 1, 1)),
          ...feeds.slice(0, 10).map(({ id }) => this.#want(id)),
        ]
      }
      default:
        return attack satisfies never
    }
  }

  /** A feed of a node that runs, or of one that ran. */
  #anyFeed(): string {
    const feeds = [...this.#ledger.feeds()].map(([id]) => id)
    return feeds.length === 0 ? this.#random.hex(32) : this.#random.pick(feeds)
  }

  #want(feed: string): object {
    const random = this.#random
    const place = random.chance(0.7)
      ? { from: random.pick([1, 1, 2, 1_000]) }
      : { withinMs: random.int(0, 600_000) }
    return { type: 'WANT', data: { feed, ...place } }
  }

  #forged(feed: string): object {
    const random = this.#random
    this.#ledger.forged.add(feed)
    const number = random.int(1, 30)
    return random.pick([
      events(feed, number, random.int(1, 6)),
      events(feed, 1, random.int(1, 6)),
      { type: 'FEED', data: { feed, first: 1, next: number } },
      { type: 'GONE', data: { feed, first: number, ageMs: random.int(0, 5_000) } },
      { type: 'FEEDS', data: { have: { [feed]: number } } },
      this.#want(feed),
    ])
  }
}

function events(feed: string, from: number, count: number): object {
  const runs = [{ topic: 'a', ageMs: 0, json: Array.from({ length: count }, () => 'forged') }]
  return { type: 'EVENTS', data: { feed, from, heldMs: 0, runs } }
}
