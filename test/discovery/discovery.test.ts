/** Asking again and again, with made-up time and made-up answers. */

import test from 'ava'
import type { Answer } from '../../src/discovery/ask.ts'
import { Discovery, type SourceReport } from '../../src/discovery/discovery.ts'
import type { Source } from '../../src/discovery/source.ts'
import { SOURCE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { address } from '../helpers/core.ts'

const NAME = address('ws://mesh.example:4001')
const SOURCE: Source = { kind: 'dns', text: 'dns:mesh.example:4001', pattern: NAME }
const ONE = address('ws://10.0.0.1:4001')
const TWO = address('ws://10.0.0.2:4001')
const NO_NAME: Answer = { addresses: [], problem: 'no such name in DNS' }

/** A discovery whose time passes when the test says so. Each answer takes no time. */
class World {
  nowMs = 0
  answer: Answer = NO_NAME
  /** When it was asked. */
  readonly askedMs: number[] = []
  readonly addresses: (readonly string[])[] = []
  readonly reports: SourceReport[] = []
  readonly news: (string | number)[] = []
  readonly discovery: Discovery
  readonly #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>()
  #draws = 0

  constructor(sources: readonly Source[] = [SOURCE], admits = (_: string): boolean => true) {
    this.discovery = new Discovery(sources, {
      ask: async () => {
        this.askedMs.push(this.nowMs)
        return this.answer
      },
      admits,
      onAddresses: (_source, addresses) => this.addresses.push(addresses),
      onReport: (report, isNews) => {
        this.reports.push(report)
        if (isNews) this.news.push(report.problem ?? report.found)
      },
      // 0.5, but for the order of addresses another one each time.
      random: () => (this.answer.addresses.length > 2 ? this.#draw() : 0.5),
      after: (ms, run) => {
        const timer = { dueMs: this.nowMs + ms, run }
        this.#timers.add(timer)
        return () => this.#timers.delete(timer)
      },
      nowMs: () => this.nowMs,
    })
  }

  #draw(): number {
    this.#draws += 1
    return (this.#draws * 0.618) % 1
  }

  async waits(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    for (;;) {
      const due = [...this.#timers].find(({ dueMs }) => dueMs <= untilMs)
      if (due === undefined) break
      this.#timers.delete(due)
      this.nowMs = due.dueMs
      due.run()
      // All that follows from an answer.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.nowMs = untilMs
  }

  get timers(): number {
    return this.#timers.size
  }
}

test('discovery - asks for ever, whatever the answers are', async (t) => {
  const world = new World()
  await world.waits(60_000)
  t.deepEqual(world.askedMs, [], 'not before it is started')
  world.discovery.start()
  const startMs = world.nowMs
  await world.waits(45_000)
  world.answer = { addresses: [ONE], problem: undefined }
  await world.waits(60_000)
  const seconds = world.askedMs.map((ms) => (ms - startMs) / 1_000)
  t.deepEqual(seconds, [0, 1, 2, 5, 10, 40, 70, 100])
})

test('discovery - tells the core of a new source before its first answer, then each answer', async (t) => {
  const world = new World()
  t.deepEqual(world.addresses, [[]])
  world.answer = { addresses: [ONE, TWO], problem: undefined }
  world.discovery.start()
  await world.waits(1_500)
  world.answer = NO_NAME
  await world.waits(500)
  const [, ...answers] = world.addresses.map((each) => each.toSorted())
  t.deepEqual<unknown, unknown>(answers, [[ONE, TWO], [ONE, TWO], []])
})

test('discovery - reports what a source gave last, and as news only what changed', async (t) => {
  const world = new World()
  t.deepEqual(world.discovery.reports(), [
    { source: SOURCE.text, asked: 0, answeredMs: undefined, found: 0, problem: undefined },
  ])
  world.discovery.start()
  await world.waits(5_000)
  world.answer = { addresses: [ONE, TWO], problem: undefined }
  await world.waits(35_000)
  world.answer = { addresses: [ONE], problem: undefined }
  await world.waits(30_000)
  const last = { source: SOURCE.text, asked: 7, answeredMs: 70_000, found: 1, problem: undefined }
  t.deepEqual(world.discovery.reports(), [last])
  t.deepEqual(world.reports.at(-1), last)
  t.deepEqual(world.news, ['no such name in DNS', 2])
})

test('discovery - of more than 256 addresses others are tried each time', async (t) => {
  const addresses = Array.from({ length: 1_000 }, (_, index) =>
    address(`ws://10.1.${Math.floor(index / 250)}.${index % 250}:4001`),
  )
  const world = new World()
  world.discovery.start()
  for (const count of [SOURCE_ADDRESSES_MAX, SOURCE_ADDRESSES_MAX + 1, 1_000]) {
    world.answer = { addresses: addresses.slice(0, count), problem: undefined }
    await world.waits(30_000)
    t.is(world.addresses.at(-1)?.length, SOURCE_ADDRESSES_MAX)
    t.is(world.reports.at(-1)?.found, count)
  }
  await world.waits(900_000)
  t.is(new Set(world.addresses.flat()).size, 1_000)
})

test('discovery - leaves out what this node may not dial, and says when nothing is left', async (t) => {
  const world = new World([SOURCE], (one) => one === TWO)
  world.answer = { addresses: [ONE, TWO], problem: undefined }
  world.discovery.start()
  await world.waits(0)
  t.deepEqual<unknown, unknown>(world.addresses.at(-1), [TWO])
  t.is(world.reports.at(-1)?.problem, undefined)
  world.answer = { addresses: [ONE], problem: undefined }
  await world.waits(1_000)
  t.deepEqual(world.addresses.at(-1), [])
  t.regex(world.reports.at(-1)?.problem ?? '', /none of its addresses may be dialed/)
})

test('discovery - asks a source that is added later at once, and one that is removed no more', async (t) => {
  const world = new World([])
  world.discovery.start()
  world.discovery.add(SOURCE)
  world.discovery.add(SOURCE)
  await world.waits(1_000)
  t.deepEqual(world.askedMs, [0, 1_000])
  t.deepEqual(world.discovery.sources, [SOURCE.text])
  t.true(world.discovery.remove(SOURCE.text))
  t.false(world.discovery.remove(SOURCE.text))
  await world.waits(100_000)
  t.is(world.askedMs.length, 2)
  t.is(world.timers, 0)
})

test('discovery - an answer that comes after the end has no effect, and no timer is left', async (t) => {
  const world = new World()
  world.discovery.start()
  world.answer = { addresses: [ONE], problem: undefined }
  const waited = world.waits(0)
  world.discovery.close()
  await waited
  t.deepEqual(world.addresses, [[]])
  t.deepEqual(world.reports, [])
  t.is(world.timers, 0)
})

test('discovery - takes an answer that nobody asked for, and asks when it would have', async (t) => {
  const world = new World()
  const { discovery } = world
  discovery.start()
  await world.waits(20_000)
  const asked = world.askedMs.length
  discovery.answered(SOURCE.text, { addresses: [ONE], problem: undefined })
  discovery.answered('dns:unknown.example:1', { addresses: [TWO], problem: undefined })
  t.deepEqual<unknown, unknown>(world.addresses.at(-1), [ONE])
  t.like(world.reports.at(-1), { source: SOURCE.text, asked, answeredMs: 20_000, found: 1 })
  t.deepEqual(world.news, ['no such name in DNS', 1])
  await world.waits(20_000)
  t.deepEqual(world.askedMs.slice(asked), [40_000])
})
