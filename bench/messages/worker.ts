/**
 * A process that publishes and receives: the same for all systems, whose modules it loads. It
 * publishes at most {@link WINDOW_MESSAGES} beyond what the slowest receiver has: no system is to
 * show how much it can queue.
 */

import { pathToFileURL } from 'node:url'
import { BodyReader, BodyWriter } from './body.ts'
import type { Answer, Counts, Order, Received, Report } from './orders.ts'
import type { Open, Transport } from './transport.ts'

/** What may be on its way, in messages and bytes, and how often a receiver tells how far it is. */
const WINDOW_MESSAGES = 8_192
const WINDOW_BYTES = 4 * 1024 * 1024
const REPORTS_PER_WINDOW = 4

/** The most bytes that are published in one turn of the event loop. */
const TURN_BYTES = 64 * 1024

/** Of messages whose latency is measured. */
const PACED_BYTES = 128

/** When nothing has come for so long, nothing will. */
const STALL_MS = 10_000

/** How long a loop sleeps that waits for a time: the least that a timer can. */
const TICK_MS = 1

class Worker {
  #transport: Transport | undefined
  #writer = new BodyWriter(0)
  readonly #reader = new BodyReader()
  #published = 0
  /** By publisher, what was reported last. */
  readonly #reported: number[] = []
  /** How often is reported, of messages so long. */
  #reportEach = { length: 0, count: 0 }
  #latencies: number[] = []
  /** By publisher, how many were lost in earlier rounds. */
  readonly #lost = new Map<string, number>()
  /** How many of ours each other worker has. */
  readonly #progress = new Map<number, number>()
  #onProgress: () => void = () => {}
  #onDelivered: () => void = () => {}

  async carryOut(order: Order): Promise<Answer | undefined> {
    switch (order.kind) {
      case 'open': {
        const { module, place } = order
        const { open }: { open: Open } = await import(pathToFileURL(module).href)
        this.#writer = new BodyWriter(place.index)
        for (const index of place.ports.keys()) {
          if (index !== place.index) this.#progress.set(index, 0)
        }
        this.#transport = await open(place, (body) => this.#deliver(body))
        return { kind: 'done' }
      }
      case 'connect':
        await this.#transport?.connect(order.indices)
        return { kind: 'done' }
      case 'burst':
        return this.#burst(order)
      case 'pace':
        return this.#pace(order)
      case 'expect':
        return { kind: 'received', ...(await this.#received(order.counts)) }
      case 'progress':
        this.#progress.set(order.by, order.count)
        this.#onProgress()
        return undefined
      default:
        return order satisfies never
    }
  }

  // --- Publishing --------------------------------------------------------------------------------

  async #burst(order: Extract<Order, { kind: 'burst' }>): Promise<Answer> {
    const { bytes, seconds, countMax, ignored, turnMessages } = order
    const windowMessages = windowOf(bytes)
    const turn = Math.max(1, Math.min(turnMessages, Math.floor(TURN_BYTES / bytes)))
    const endMs = performance.now() + 1000 * seconds
    const end = this.#published + countMax
    while (this.#published < end && performance.now() < endMs) {
      const room = this.#slowest(ignored) + windowMessages - this.#published
      if (room <= 0) {
        await new Promise<void>((resolve) => {
          this.#onProgress = resolve
        })
        continue
      }
      const count = Math.min(turn, room, end - this.#published)
      for (let left = count; left > 0; left -= 1) this.#publish(bytes)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { kind: 'published', count: this.#published }
  }

  async #pace({ perSecond, seconds }: Extract<Order, { kind: 'pace' }>): Promise<Answer> {
    const startedMs = performance.now()
    const count = perSecond * seconds
    for (let sent = 0; sent < count; ) {
      const due = Math.min(count, ((performance.now() - startedMs) / 1000) * perSecond)
      for (; sent < due; sent += 1) this.#publish(PACED_BYTES, nowUs())
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    }
    return { kind: 'published', count: this.#published }
  }

  #publish(bytes: number, atUs?: number): void {
    this.#published += 1
    this.#transport?.publish(this.#writer.write(this.#published, bytes, atUs))
  }

  #slowest(ignored: readonly number[]): number {
    let least = Number.POSITIVE_INFINITY
    for (const [index, count] of this.#progress) {
      if (count < least && !ignored.includes(index)) least = count
    }
    return least
  }

  // --- Receiving ---------------------------------------------------------------------------------

  #deliver(body: string): void {
    const from = this.#reader.read(body)
    const count = this.#reader.counts[from] ?? 0
    const atUs = BodyReader.timeIn(body)
    if (atUs !== undefined) this.#latencies.push(nowUs() - atUs)
    this.#onDelivered()
    const { length } = body
    if (length !== this.#reportEach.length) {
      this.#reportEach = { length, count: Math.floor(windowOf(length) / REPORTS_PER_WINDOW) }
    }
    if (count < (this.#reported[from] ?? 0) + this.#reportEach.count) return
    this.#reported[from] = count
    say({ kind: 'progress', of: from, count })
  }

  async #received(counts: Counts): Promise<Received> {
    const all = Object.entries(counts)
    const missing = (): number =>
      all.reduce((sum, [from, count]) => sum + this.#missingOf(from, count), 0)
    let left = missing()
    while (left > 0) {
      await this.#untilDelivered(left)
      const before = left
      left = missing()
      if (left >= before) break
    }
    for (const [from, count] of all) {
      this.#lost.set(from, (this.#lost.get(from) ?? 0) + this.#missingOf(from, count))
      this.#reported[Number(from)] = count
      say({ kind: 'progress', of: Number(from), count })
    }
    const latencies = this.#latencies
    const { wrong } = this.#reader
    this.#latencies = []
    this.#reader.wrong = 0
    return { lost: Math.max(0, left), wrong, latencies }
  }

  #missingOf(from: string, count: number): number {
    return count - (this.#reader.counts[Number(from)] ?? 0) - (this.#lost.get(from) ?? 0)
  }

  /** Waits until so many more have come, or until none comes any more. */
  #untilDelivered(count: number): Promise<void> {
    return new Promise((resolve) => {
      let left = count
      const end = (): void => {
        clearInterval(timer)
        this.#onDelivered = () => {}
        resolve()
      }
      let leftBefore = left
      const timer = setInterval(() => {
        if (left === leftBefore) end()
        leftBefore = left
      }, STALL_MS)
      this.#onDelivered = () => {
        left -= 1
        if (left === 0) end()
      }
    })
  }
}

function windowOf(bytes: number): number {
  return Math.max(REPORTS_PER_WINDOW, Math.min(WINDOW_MESSAGES, Math.floor(WINDOW_BYTES / bytes)))
}

/** The same clock in all processes of a machine. */
function nowUs(): number {
  return Math.floor(Number(process.hrtime.bigint()) / 1000)
}

function say(report: Report): void {
  process.send?.(report)
}

const worker = new Worker()
process.on('message', async (order: Order) => {
  try {
    const answer = await worker.carryOut(order)
    if (answer !== undefined) say(answer)
  } catch (error) {
    say({ kind: 'failed', reason: String(error) })
  }
})
// It ends when the process of the trial does.
process.once('disconnect', () => process.exit())
