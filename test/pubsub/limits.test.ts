/** Each limit of messages: at it, and one above it. */

import test from 'ava'
import * as sockets from '../../src/io/limits.ts'
import * as mesh from '../../src/mesh/limits.ts'
import { encode } from '../../src/node/messages.ts'
import { encodeItem } from '../../src/pubsub/item.ts'
import * as limits from '../../src/pubsub/limits.ts'
import { Log } from '../../src/pubsub/log.ts'
import type { Output } from '../../src/pubsub/outputs.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import type { PubSubOptions } from '../../src/pubsub/pubsub-options.ts'
import { decodePubSub, FEEDS_NAMED_MAX } from '../../src/wire/feed-codec.ts'
import type { PubSubMessage } from '../../src/wire/feed-messages.ts'
import { isTopic } from '../../src/wire/topic.ts'

const FEED = idOf(0)
const PEER = idOf(1)
const LINK = 1

function idOf(number: number): string {
  return number.toString(16).padStart(32, '0')
}

/** One node, whose peer on link 1 a test is. */
class Node {
  nowMs = 1_000_000
  readonly core: PubSub

  constructor(options: Partial<PubSubOptions> = {}) {
    const { nowMs } = this
    this.core = new PubSub({ feed: FEED, nowMs, random: () => 0, takesRelayed: true, ...options })
    this.handle({ kind: 'link-ready', link: LINK, peer: PEER, verified: true })
  }

  handle(input: Parameters<PubSub['handle']>[0]): readonly Output[] {
    return this.core.handle(input, this.nowMs)
  }

  receives(message: PubSubMessage): readonly Output[] {
    const text = JSON.stringify(message)
    return this.handle({ kind: 'message-received', link: LINK, message, text })
  }

  /** Publishes strings whose items have so many bytes, in one turn. Returns the frames. */
  publishes(...sizes: readonly number[]): readonly Output[] {
    for (const bytes of sizes) {
      this.core.publish(encodeItem('a', 'json', `"${'x'.repeat(bytes - 3)}"`))
    }
    return this.handle({ kind: 'turn-ended' })
  }

  /** The same, and the socket takes all. Returns how many frames there are. */
  framesOf(...sizes: readonly number[]): number {
    let count = 0
    let outputs = this.publishes(...sizes)
    for (; outputs.length > 0; count += 1) {
      outputs = this.handle({ kind: 'link-drained', link: LINK })
    }
    return count
  }

  /** The peer asks for all again, and its socket takes all. Returns until when nothing is sent. */
  rewinds(): number {
    let outputs = this.receives({ type: 'WANT', data: { feed: FEED, from: 1 } })
    for (let dueMs = this.core.deadlineMs(); outputs.length === 0; dueMs = this.core.deadlineMs()) {
      this.nowMs = dueMs ?? Number.POSITIVE_INFINITY
      outputs = this.handle({ kind: 'deadline' })
    }
    const pausedUntilMs = this.nowMs
    while (outputs.some(({ awaitsDrain }) => awaitsDrain)) {
      outputs = this.handle({ kind: 'link-drained', link: LINK })
    }
    return pausedUntilMs
  }
}

function typesIn(outputs: readonly Output[]): readonly string[] {
  return outputs.map(({ text }) => String(JSON.parse(text).type))
}

test('limits of messages - have the documented values', (t) => {
  t.deepEqual(
    { ...limits },
    {
      NESTING_MAX: 256,
      TOPIC_BYTES_MAX: 255,
      ITEM_BYTES_MAX: 131_072,
      JOINED_BYTES_MAX: 65_536,
      LOG_BYTES_MAX: 67_108_864,
      LOG_AGE_MS_MAX: 600_000,
      FEED_SHARE_MAX: 1 / 4,
      ENTRY_BYTES: 384,
      TURN_BYTES_MAX: 1_048_576,
      FRESH_BYTES_MAX: 4_194_304,
      FEEDS_MAX: 4_096,
      UNKNOWN_FEEDS_PER_LINK_MAX: 64,
      UNKNOWN_FEEDS_MS: 600_000,
      ASKED_FEEDS_MAX: 1_000,
      HOLES_MAX: 64,
      START_MARGIN_MS: 2_000,
      WANT_PAUSE_MS: 1_000,
      ASK_MS_MAX: 5_000,
      REWIND_BYTES_MAX: 67_108_864,
      REWIND_WINDOW_MS: 600_000,
      WAITING_BYTES_MAX: 25_165_824,
      HOLE_WAIT_MS: 10_000,
      FEEDS_PEERS: 2,
      FEEDS_DELAY_MS: 500,
      FEEDS_AGAIN_MS: 2_000,
      FEEDS_REPAIR_MS: 30_000,
      LAG_SHARE_MAX: 1 / 4,
      LAG_LOOK_MS: 1_000,
      STEP_MESSAGES_MAX: 1_000,
      STEP_BYTES_MAX: 524_288,
    },
  )
})

test('limits of messages - fit those of the mesh', (t) => {
  t.is(limits.FEEDS_MAX, mesh.BOOK_ADDRESSES_MAX)
  t.true(limits.WAITING_BYTES_MAX < sockets.HELD_BYTES_MAX)
  t.true(2 * limits.ITEM_BYTES_MAX < sockets.LINK_HELD_BYTES_MAX)
})

test('limits of messages - a topic and a pattern', (t) => {
  const { TOPIC_BYTES_MAX } = limits
  for (const longest of ['a'.repeat(TOPIC_BYTES_MAX), `a${'ä'.repeat(127)}`]) {
    t.true(isTopic(longest))
    t.false(isTopic(`${longest}a`))
    t.not(parsePattern(longest), undefined)
    t.is(parsePattern(`${longest}a`), undefined)
  }
})

test('limits of messages - an item, which fits a frame of the mesh', (t) => {
  const { ITEM_BYTES_MAX } = limits
  // The quotes, and the topic.
  const longest = 'x'.repeat(ITEM_BYTES_MAX - 3)
  t.is(encode('a', longest).bytes, ITEM_BYTES_MAX)
  t.throws(() => encode('a', `${longest}x`), { instanceOf: RangeError })
  t.throws(() => encode('ab', longest), { instanceOf: RangeError })
  const bytes = Uint8Array.from({ length: Math.floor((ITEM_BYTES_MAX - 3) / 4) * 3 })
  t.notThrows(() => encode('a', bytes))
  t.throws(() => encode('a', new Uint8Array(bytes.length + 1)), { instanceOf: RangeError })
  const [frame] = new Node().publishes(ITEM_BYTES_MAX)
  t.true(Buffer.byteLength(frame?.text ?? '') > ITEM_BYTES_MAX)
  t.true(Buffer.byteLength(frame?.text ?? '') <= mesh.FRAME_BYTES_MAX)
})

test('limits of messages - the items that one frame joins', (t) => {
  const { JOINED_BYTES_MAX } = limits
  t.is(new Node().framesOf(1_000, JOINED_BYTES_MAX - 1_000), 1)
  t.is(new Node().framesOf(1_000, JOINED_BYTES_MAX - 999), 2)
  t.is(new Node().framesOf(10, JOINED_BYTES_MAX + 1, 10), 3)
})

test('limits of messages - the feeds that are remembered', (t) => {
  const { FEEDS_MAX } = limits
  const bounds = { bytes: 1_000, ageMs: 1_000, feedBytes: 1_000 }
  const isNotOurs = (id: string): boolean => id !== FEED
  const log = new Log(
    bounds,
    () => {},
    isNotOurs,
    () => {},
  )
  for (let number = 0; number < FEEDS_MAX; number += 1) log.open(idOf(number), 1)
  t.is([...log.feeds()].length, FEEDS_MAX)
  t.not(log.feed(idOf(1)), undefined)
  log.open(idOf(FEEDS_MAX), 1)
  t.is([...log.feeds()].length, FEEDS_MAX)
  t.is(log.feed(idOf(1)), undefined)
  t.not(log.feed(FEED), undefined)
})

test('limits of messages - the feeds that one link makes known', (t) => {
  const { UNKNOWN_FEEDS_PER_LINK_MAX: most } = limits
  const have = (first: number, count: number): PubSubMessage => {
    const feeds = Array.from({ length: count }, (_, at) => [idOf(first + at), 5])
    return { type: 'FEEDS', data: { have: Object.fromEntries(feeds) } }
  }
  const node = new Node()
  const wanted = typesIn(node.receives(have(100, most)))
  t.deepEqual(wanted, Array(most).fill('WANT'))
  t.deepEqual(node.receives(have(1_000, 1)), [])
  // Another link has its own.
  node.handle({ kind: 'link-ready', link: 2, peer: idOf(2), verified: true })
  const message = have(1_000, 1)
  const text = JSON.stringify(message)
  const outputs = node.handle({ kind: 'message-received', link: 2, message, text })
  t.deepEqual(typesIn(outputs), ['WANT'])
})

test('limits of messages - the feeds that one FEEDS names', (t) => {
  const have = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [idOf(at), 1]))
  t.is(typeof decodePubSub('FEEDS', { have: have(FEEDS_NAMED_MAX) }), 'object')
  t.is(typeof decodePubSub('FEEDS', { have: have(FEEDS_NAMED_MAX + 1) }), 'string')
})

test('limits of messages - the share of one feed in the log', (t) => {
  const probe = new Node()
  probe.publishes(1_000)
  const entry = probe.core.logBytes
  const room = (3 * entry) / limits.FEED_SHARE_MAX
  for (const [logBytes, kept] of [
    [room, 3],
    [room - 1, 2],
  ] as const) {
    const node = new Node({ logBytes })
    for (let count = 0; count < 3; count += 1) node.publishes(1_000)
    t.is(node.core.logBytes, kept * entry)
    node.publishes(1_000)
    t.is(node.core.logBytes, kept * entry)
  }
})

test('limits of messages - the age of an item in the log', (t) => {
  const node = new Node()
  node.publishes(100)
  t.is(node.core.deadlineMs(), node.nowMs + limits.LOG_AGE_MS_MAX)
  node.nowMs += limits.LOG_AGE_MS_MAX - 1
  node.handle({ kind: 'deadline' })
  t.true(node.core.logBytes > 0)
  node.nowMs += 1
  node.handle({ kind: 'deadline' })
  t.is(node.core.logBytes, 0)
  // A deadline that is not met would come again at once.
  t.is(node.core.deadlineMs(), undefined)
})

test('limits of messages - a link makes a node send again once a second', (t) => {
  const node = new Node()
  node.publishes(100)
  const { nowMs } = node
  t.is(node.rewinds(), nowMs)
  t.is(node.rewinds(), nowMs + limits.WANT_PAUSE_MS)
  node.nowMs += limits.WANT_PAUSE_MS
  t.is(node.rewinds(), node.nowMs)
  node.nowMs += limits.WANT_PAUSE_MS - 1
  t.is(node.rewinds(), nowMs + 3 * limits.WANT_PAUSE_MS)
})

test('limits of messages - the bytes that a link makes a node send again', (t) => {
  const node = new Node()
  const parts = 8
  const count = limits.REWIND_BYTES_MAX / parts / limits.ITEM_BYTES_MAX
  for (let at = 0; at < count; at += 1) {
    node.publishes(limits.ITEM_BYTES_MAX - limits.ENTRY_BYTES - 100)
    node.handle({ kind: 'link-drained', link: LINK })
  }
  for (let part = 0; part < parts; part += 1) {
    node.nowMs += limits.WANT_PAUSE_MS
    t.is(node.rewinds(), node.nowMs)
  }
  // Of one part more, a little is allowed because seconds have passed.
  node.nowMs += limits.WANT_PAUSE_MS
  const beforeMs = node.nowMs
  const waitedMs = node.rewinds() - beforeMs
  t.true(waitedMs > (0.7 * limits.REWIND_WINDOW_MS) / parts, `${waitedMs}`)
  t.true(waitedMs <= limits.REWIND_WINDOW_MS / parts, `${waitedMs}`)
})

test('limits of messages - one frame at a time waits for the socket of a link', (t) => {
  const node = new Node()
  const [first, ...others] = node.publishes(limits.JOINED_BYTES_MAX, limits.JOINED_BYTES_MAX, 10)
  t.deepEqual(others, [])
  t.true(first?.awaitsDrain)
  t.deepEqual(node.publishes(10), [])
  const [second] = node.handle({ kind: 'link-drained', link: LINK })
  t.true(second?.awaitsDrain)
  t.is(node.handle({ kind: 'links-drained', links: [LINK] }).length, 1)
  // Of the two that are left the last one has nothing behind it, but its socket may not take it.
  const [last] = node.handle({ kind: 'link-drained', link: LINK })
  t.false(last?.awaitsDrain)
  node.handle({ kind: 'link-full', link: LINK })
  t.deepEqual(node.publishes(10), [])
  t.is(node.handle({ kind: 'link-drained', link: LINK }).length, 1)
})

test('limits of messages - the bytes that wait for the sockets of all links', (t) => {
  const { JOINED_BYTES_MAX, WAITING_BYTES_MAX } = limits
  for (const [links, isSmaller] of [
    [WAITING_BYTES_MAX / JOINED_BYTES_MAX, false],
    [WAITING_BYTES_MAX / JOINED_BYTES_MAX + 1, true],
  ] as const) {
    const node = new Node()
    for (let link = 2; link <= links; link += 1) {
      node.handle({ kind: 'link-ready', link, peer: idOf(link), verified: true })
    }
    const [frame] = node.publishes(JOINED_BYTES_MAX - 10, 10)
    t.is(frame?.awaitsDrain, isSmaller)
  }
})

test('limits of messages - what is published in one turn', (t) => {
  const node = new Node()
  const count = limits.TURN_BYTES_MAX / limits.JOINED_BYTES_MAX
  for (let at = 0; at < count; at += 1) {
    t.false(node.core.isTurnFull)
    const length = limits.JOINED_BYTES_MAX - 3
    node.core.publish(encodeItem('a', 'json', `"${'x'.repeat(length)}"`))
  }
  t.true(node.core.isTurnFull)
  node.handle({ kind: 'turn-ended' })
  t.false(node.core.isTurnFull)
})
