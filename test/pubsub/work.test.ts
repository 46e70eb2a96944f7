/** What a turn of the process costs at most, and what is held meanwhile. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { Chunk } from '../../src/pubsub/chunk.ts'
import {
  ENTRY_BYTES,
  FEEDS_MAX,
  FRESH_BYTES_MAX,
  LAG_LOOK_MS,
  STEP_BYTES_MAX,
  STEP_MESSAGES_MAX,
} from '../../src/pubsub/limits.ts'
import { Log } from '../../src/pubsub/log.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import type { Form } from '../../src/pubsub/subscription.ts'
import { Subscription } from '../../src/pubsub/subscription.ts'
import { bodiesOf, Lab, type LabNode } from './lab.ts'

const PEER = 'f'.repeat(32)
const FORM: Form<string> = {
  message: (_chunk, _run, _at, seq) => `message ${seq}`,
  gap: ({ first, last }) => `gap ${first}-${last}`,
}

function frame(type: string, data: object): string {
  return JSON.stringify({ type, data })
}

function events(from: number, bodies: readonly unknown[], feed = PEER): string {
  return frame('EVENTS', { feed, from, heldMs: 0, runs: [{ topic: 'a', ageMs: 0, json: bodies }] })
}

function logOf(bytes: number): Log {
  return new Log(
    { bytes, ageMs: 1e9, feedBytes: bytes },
    () => {},
    () => true,
    () => {},
  )
}

function chunkOf(from: number, json: readonly string[], feed = PEER): Chunk {
  const text = events(from, json, feed)
  const runs = [{ topic: 'a', ageMs: 0, bodies: { kind: 'json', values: json } }] as const
  const facts = { feed, from, count: json.length, bornMs: 0, relayed: false }
  return new Chunk(facts, { kind: 'frame', text, known: 0 }, runs)
}

function subscriptionTo(log: Log, topic: string): Subscription<string> {
  const pattern = parsePattern(topic)
  if (pattern === undefined) throw new Error('a pattern')
  return new Subscription(log, FORM, { pattern, history: 'kept', without: undefined })
}

test('work - a subscription that matches nothing reads so many bytes in a step, and no more', (t) => {
  const log = logOf(1e9)
  const feed = log.open(PEER, 1)
  const bytes = chunkOf(1, ['x'.repeat(60_000)]).bytes
  const count = 40
  for (let n = 0; n < count; n += 1) log.append(feed, chunkOf(feed.next, ['x'.repeat(60_000)]), 0)
  log.endTurn()
  for (const [topic, perStep] of [
    ['b', Math.ceil(STEP_BYTES_MAX / bytes)],
    ['a', Math.ceil(STEP_BYTES_MAX / bytes)],
  ] as const) {
    const subscription = subscriptionTo(log, topic)
    let left = count
    let steps = 0
    for (; subscription.isBehind; steps += 1) {
      const { length } = subscription.take(0)
      const read = left - subscription.behind().items
      t.is(read, Math.min(perStep, left))
      t.is(length, topic === 'a' ? read : 0)
      left -= read
    }
    t.is(steps, Math.ceil(count / perStep))
  }
})

test('work - a step gives so many messages of one frame, which is decoded once', (t) => {
  const log = logOf(1e9)
  const feed = log.open(PEER, 1)
  const bodies = Array.from({ length: STEP_MESSAGES_MAX + 1 }, () => 'x')
  const chunk = chunkOf(1, bodies)
  log.append(feed, chunk, 0)
  log.endTurn()
  const subscription = subscriptionTo(log, 'a')
  const decoded = chunk.runs()
  t.is(subscription.take(0).length, STEP_MESSAGES_MAX)
  t.is(chunk.runs(), decoded)
  t.deepEqual(subscription.behind(), { items: 1, bytes: chunk.bytes })
  t.deepEqual(subscription.take(0), [`message ${STEP_MESSAGES_MAX + 1}`])
  t.false(subscription.isBehind)
  t.not(chunk.runs(), decoded)
})

test('work - what a subscription that lags has read is not kept decoded while others come', (t) => {
  const log = logOf(1e9)
  const feed = log.open(PEER, 1)
  const old = chunkOf(1, ['x'])
  log.append(feed, old, 0)
  log.endTurn()
  const fresh = chunkOf(2, ['y'])
  const runs = fresh.runs()
  log.append(feed, fresh, 0)
  const subscription = subscriptionTo(log, 'a')
  const decoded = old.runs()
  t.is(subscription.take(0).length, 2)
  t.not(old.runs(), decoded)
  t.is(fresh.runs(), runs)
})

test('work - what comes in one turn is kept decoded up to a bound', (t) => {
  const log = logOf(1e9)
  const feed = log.open(PEER, 1)
  const first = chunkOf(1, ['x'.repeat(100_000)])
  const runs = first.runs()
  const count = Math.ceil(FRESH_BYTES_MAX / first.bytes)
  log.append(feed, first, 0)
  for (let n = 1; n < count; n += 1) log.append(feed, chunkOf(feed.next, ['x'.repeat(100_000)]), 0)
  t.is(first.runs(), runs)
  log.append(feed, chunkOf(feed.next, ['x']), 0)
  t.not(first.runs(), runs)
})

test('work - what the log has dropped takes no memory', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return t.fail('no gc')
  const log = logOf(10 * ENTRY_BYTES)
  const feed = log.open(PEER, 1)
  const refs = Array.from({ length: 9 }, () => {
    const chunk = chunkOf(feed.next, ['x'])
    log.append(feed, chunk, 0)
    log.endTurn()
    return new WeakRef(chunk)
  })
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  const held = refs.filter((ref) => ref.deref() !== undefined)
  t.true(refs.length > held.length)
  t.is(held.at(0)?.deref()?.from, feed.first)
})

test('work - the memory of a text is that of its bytes, or of its UTF-16 units', (t) => {
  const bytesOf = (body: string): number => {
    const text = { kind: 'runs', text: body } as const
    return new Chunk({ feed: PEER, from: 1, count: 1, bornMs: 0, relayed: false }, text).bytes
  }
  t.is(bytesOf('a'.repeat(1_000)), 1_000 + ENTRY_BYTES)
  t.is(bytesOf('ä'.repeat(1_000)), 2_000 + ENTRY_BYTES)
  t.is(bytesOf('漢'.repeat(1_000)), 3_000 + ENTRY_BYTES)
  t.is(bytesOf(`${'a'.repeat(999)}漢`), 2_000 + ENTRY_BYTES)
})

test('work - gaps that a peer makes displace its own messages, not those of others', (t) => {
  const lab = new Lab()
  const node = lab.start({ logBytes: 40 * ENTRY_BYTES })
  const quiet = lab.intrude(node, 'e'.repeat(32), true)
  node.receive(quiet, events(1, ['quiet'], 'e'.repeat(32)))
  const link = lab.intrude(node, PEER, true)
  node.receive(link, frame('FEED', { feed: PEER, first: 1, next: 2 }))
  for (let n = 0; n < 200; n += 1) {
    lab.nowMs += 10
    node.receive(link, events(1 + 2 * n, [n]))
    node.receive(link, frame('GONE', { feed: PEER, first: 3 + 2 * n, ageMs: 0 }))
  }
  const late = node.core.subscribe(parsePattern('>') ?? never(), FORM, 'kept')
  const kept = late.take(lab.nowMs)
  t.is(kept[0], 'message 1')
  t.true(kept.length > 5 && kept.length <= 12, `${kept.length}`)
  t.true(node.core.logBytes <= 12 * ENTRY_BYTES, `${node.core.logBytes}`)
  t.is(bodiesOf(node, PEER).length, 400)
})

test('work - a gap that is kept is given once to a subscription that begins with the run', (t) => {
  const lab = new Lab()
  const node = lab.start()
  const link = lab.intrude(node, PEER, true)
  node.receive(link, frame('FEED', { feed: PEER, first: 5, next: 6 }))
  node.receive(link, frame('GONE', { feed: PEER, first: 5, ageMs: 0 }))
  node.receive(link, events(5, ['five']))
  const late = node.core.subscribe(parsePattern('>') ?? never(), FORM, 'run')
  t.deepEqual(late.take(lab.nowMs), ['gap 1-4', 'message 5'])
})

test('work - gaps of so many feeds wait for a subscription that does not read', (t) => {
  const log = logOf(1e9)
  const subscription = subscriptionTo(log, 'a')
  for (let n = 0; n <= FEEDS_MAX; n += 1) {
    subscription.dropped(n, { feed: n.toString(16).padStart(32, '0'), first: 1, last: 1 })
  }
  t.is(subscription.take(0).length, FEEDS_MAX)
})

// --- Lags ----------------------------------------------------------------------------------------

/** A node with a quarter of 1,600,000 bytes for each feed: from 100,000 on a reader is behind. */
function lagging(): { lab: Lab; node: LabNode; states: () => readonly string[] } {
  const lab = new Lab()
  const node = lab.start({ logBytes: 1_600_000 })
  const states = (): readonly string[] =>
    node.core.takeLags().map(({ reader, state }) => {
      return `${typeof reader === 'number' ? 'link' : reader.pattern} ${state}`
    })
  return { lab, node, states }
}

function publish(lab: Lab, node: LabNode, count: number): void {
  for (let n = 0; n < count; n += 1) {
    node.publish('x'.repeat(50_000))
    lab.step()
  }
}

test('lag - a link is told to be behind once, and once when it has caught up', (t) => {
  const { lab, node, states } = lagging()
  lab.connect(node, lab.start())
  node.isStuck = true
  // The frame that the socket has not taken, and another one.
  publish(lab, node, 2)
  lab.run(LAG_LOOK_MS)
  t.deepEqual(states(), ['link behind'])
  publish(lab, node, 1)
  lab.run(3 * LAG_LOOK_MS)
  t.deepEqual(states(), [])
  node.isStuck = false
  lab.run(LAG_LOOK_MS)
  t.deepEqual(states(), ['link caught-up'])
  lab.run(3 * LAG_LOOK_MS)
  t.deepEqual(states(), [])
})

test('lag - a link that is behind by less, or for less than a second, is not told', (t) => {
  const { lab, node, states } = lagging()
  lab.connect(node, lab.start())
  node.isStuck = true
  publish(lab, node, 1)
  lab.run(3 * LAG_LOOK_MS)
  t.deepEqual(states(), [])
  publish(lab, node, 3)
  lab.run(LAG_LOOK_MS - 100)
  node.isStuck = false
  lab.run(3 * LAG_LOOK_MS)
  t.deepEqual(states(), [])
})

test('lag - a link that is still behind by more than a quarter has not caught up', (t) => {
  const { lab, node, states } = lagging()
  const link = lab.connect(node, lab.start())
  node.isStuck = true
  publish(lab, node, 3)
  lab.run(LAG_LOOK_MS)
  t.deepEqual(states(), ['link behind'])
  // Its socket takes one frame after the other, but not the last.
  for (let taken = 0; taken < 2; taken += 1) node.input({ kind: 'link-drained', link })
  lab.run(3 * LAG_LOOK_MS)
  t.deepEqual(states(), [])
  node.isStuck = false
  lab.run(2 * LAG_LOOK_MS)
  t.deepEqual(states(), ['link caught-up'])
})

test('lag - a link that gets a gap is told so once, until it has caught up', (t) => {
  const { lab, node, states } = lagging()
  lab.connect(node, lab.start())
  node.isStuck = true
  publish(lab, node, 5)
  lab.run(LAG_LOOK_MS)
  publish(lab, node, 10)
  lab.run(LAG_LOOK_MS)
  t.deepEqual(states(), ['link behind'])
  node.isStuck = false
  lab.run(3 * LAG_LOOK_MS)
  t.deepEqual(states(), ['link gap'])
  node.isStuck = true
  publish(lab, node, 5)
  lab.run(LAG_LOOK_MS)
  t.deepEqual(states(), ['link behind'])
})

test('lag - a subscription is told, too, with what waits for it', (t) => {
  const { lab, node } = lagging()
  const { take } = node
  node.take = (): void => {}
  publish(lab, node, 5)
  lab.run(LAG_LOOK_MS)
  const [first, ...others] = node.core.takeLags()
  t.like(first, { state: 'behind', items: 5 })
  t.true((first?.bytes ?? 0) > 250_000 && (first?.bytes ?? 0) < 260_000)
  t.deepEqual(others, [])
  publish(lab, node, 10)
  t.like(node.core.takeLags(), [{ state: 'gap', items: 8 }])
  take.call(node)
  lab.run(LAG_LOOK_MS)
  t.deepEqual(node.core.takeLags(), [])
})

test('lag - what a socket has not taken counts, and what it has taken does not', (t) => {
  const { lab, node } = lagging()
  const link = lab.connect(node, lab.start())
  node.isStuck = true
  publish(lab, node, 3)
  t.is(node.core.lag(link, lab.nowMs).items, 3)
  t.false(node.core.hasTaken(link, 2, lab.nowMs))
  node.isStuck = false
  lab.run()
  t.deepEqual(node.core.lag(link, lab.nowMs), { items: 0, bytes: 0 })
  t.true(node.core.hasTaken(link, 4, lab.nowMs))
})

function never(): never {
  throw new Error('a pattern')
}
