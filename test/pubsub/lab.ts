/** A few nodes with messages, joined by links that deliver in order and can be cut at any place. */

import { encodeItem } from '../../src/pubsub/item.ts'
import type { Output } from '../../src/pubsub/outputs.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import type { PubSubOptions } from '../../src/pubsub/pubsub-options.ts'
import type { Form, History, Subscription } from '../../src/pubsub/subscription.ts'
import { decodePubSub, isPubSubType } from '../../src/wire/feed-codec.ts'
import type { Json, PubSubMessage } from '../../src/wire/feed-messages.ts'

/** What a subscription gave. */
export type Delivery =
  | {
      readonly kind: 'message'
      readonly feed: string
      readonly seq: number
      readonly topic: string
      readonly body: unknown
      readonly ageMs: number
      readonly relayed: boolean
    }
  | { readonly kind: 'gap'; readonly feed: string; readonly first: number; readonly last: number }

const FORM: Form<Delivery> = {
  message({ feed, relayed }, { bodies, topic }, at, seq, ageMs) {
    const body = bodies.kind === 'json' ? bodies.values[at] : bodies.base64[at]
    return { kind: 'message', feed, seq, topic, body, ageMs, relayed }
  },
  gap: (gap) => ({ kind: 'gap', ...gap }),
}

/** One direction of a link. */
interface Way {
  readonly to: LabNode
  readonly link: number
  readonly frames: string[]
}

/** One process run. */
export class LabNode {
  readonly feed: string
  readonly core: PubSub
  readonly lab: Lab
  /** What its subscription got. */
  readonly got: Delivery[] = []
  readonly #subscription: Subscription<Delivery>
  /** The ways out, by link. */
  readonly ways = new Map<number, Way>()
  /** Frames that were sent, by type. */
  readonly sent = new Map<string, number>()
  isAlive = true
  /** Whether its sockets take nothing. */
  isStuck = false
  readonly #awaiting = new Set<number>()

  constructor(lab: Lab, feed: string, options: Partial<PubSubOptions> & { history?: History }) {
    this.lab = lab
    this.feed = feed
    const { nowMs } = lab
    this.core = new PubSub({ feed, nowMs, random: lab.random, takesRelayed: true, ...options })
    const pattern = parsePattern('>')
    if (pattern === undefined) throw new Error('a pattern')
    this.#subscription = this.core.subscribe(pattern, FORM, options.history ?? 'run')
  }

  publish(body: Json, topic = 'a'): number {
    const seq = this.core.publish(encodeItem(topic, 'json', JSON.stringify(body)))
    this.lab.dirty.add(this)
    return seq
  }

  input(input: Parameters<PubSub['handle']>[0]): void {
    if (!this.isAlive) return
    for (const output of this.core.handle(input, this.lab.nowMs)) this.#send(output)
    this.take()
  }

  take(): void {
    while (this.#subscription.isBehind) this.got.push(...this.#subscription.take(this.lab.nowMs))
  }

  #send({ link, text, awaitsDrain }: Output): void {
    const type = String(JSON.parse(text).type)
    this.sent.set(type, (this.sent.get(type) ?? 0) + 1)
    this.ways.get(link)?.frames.push(text)
    if (!awaitsDrain && !this.isStuck) return
    this.#awaiting.add(link)
    if (!awaitsDrain) this.core.handle({ kind: 'link-full', link }, this.lab.nowMs)
  }

  /** Sockets take what they were given. Whether any had not. */
  drain(): boolean {
    if (this.isStuck || !this.isAlive) return false
    const links = [...this.#awaiting]
    this.#awaiting.clear()
    for (const link of links) this.input({ kind: 'link-drained', link })
    return links.length > 0
  }

  receive(link: number, text: string): void {
    const frame = JSON.parse(text)
    if (!isPubSubType(frame.type)) throw new Error(`${frame.type} is no type`)
    const message: PubSubMessage | string = decodePubSub(frame.type, frame.data)
    if (typeof message === 'string') throw new Error(message)
    this.input({ kind: 'message-received', link, message, text })
  }
}

export class Lab {
  nowMs = 1_000
  readonly nodes: LabNode[] = []
  readonly dirty = new Set<LabNode>()
  readonly random: () => number
  #links = 0
  readonly #open = new Map<number, readonly LabNode[]>()

  constructor(random: () => number = () => 0.5) {
    this.random = random
  }

  start(options: Partial<PubSubOptions> & { history?: History } = {}): LabNode {
    const feed = (this.nodes.length + 1).toString(16).padStart(32, '0')
    const node = new LabNode(this, feed, options)
    this.nodes.push(node)
    return node
  }

  /** Opens a link to something that says what it likes in the name of a feed. */
  intrude(node: LabNode, feed: string, verified = false): number {
    this.#links += 1
    const link = this.#links
    const nobody = new LabNode(this, feed, {})
    nobody.isAlive = false
    node.ways.set(link, { to: nobody, link, frames: [] })
    this.#open.set(link, [node])
    node.input({ kind: 'link-ready', link, peer: feed, verified })
    return link
  }

  /** Both ends of a link are who they say. */
  verify(link: number): void {
    const [one, other] = this.#open.get(link) ?? []
    if (other === undefined) return
    for (const node of [one, other]) node?.input({ kind: 'link-verified', link })
  }

  /** Opens a link. Returns its number, which is the same at both ends. */
  connect(one: LabNode, other: LabNode, verified = true): number {
    this.#links += 1
    const link = this.#links
    one.ways.set(link, { to: other, link, frames: [] })
    other.ways.set(link, { to: one, link, frames: [] })
    this.#open.set(link, [one, other])
    one.input({ kind: 'link-ready', link, peer: other.feed, verified })
    other.input({ kind: 'link-ready', link, peer: one.feed, verified })
    return link
  }

  links(): readonly number[] {
    return [...this.#open.keys()]
  }

  linked(one: LabNode, other: LabNode): number | undefined {
    const found = [...this.#open].find(([, ends]) => ends.includes(one) && ends.includes(other))
    return found?.[0]
  }

  /** Ends a link: what is on its way is lost. */
  cut(link: number): void {
    const ends = this.#open.get(link) ?? []
    this.#open.delete(link)
    for (const node of ends) {
      node.ways.delete(link)
      node.input({ kind: 'link-gone', link })
    }
  }

  kill(node: LabNode): void {
    node.isAlive = false
    for (const [link, ends] of this.#open) if (ends.includes(node)) this.cut(link)
  }

  /** Ends the turn of all nodes, and delivers up to `frames` frames on each way. */
  step(frames = Number.POSITIVE_INFINITY): boolean {
    let moved = false
    for (const node of this.dirty) node.input({ kind: 'turn-ended' })
    this.dirty.clear()
    for (const node of this.nodes) {
      moved = node.drain() || moved
      for (const { to, link, frames: waiting } of [...node.ways.values()]) {
        for (const text of waiting.splice(0, frames)) {
          moved = true
          to.receive(link, text)
        }
      }
    }
    return moved
  }

  /** Delivers all that is on its way, and lets time pass. */
  run(ms = 0): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      while (this.step()) {}
      if (this.nowMs >= untilMs) return
      this.nowMs = Math.min(untilMs, this.nowMs + 100)
      for (const node of this.nodes) {
        const dueMs = node.core.deadlineMs()
        if (dueMs !== undefined && dueMs <= this.nowMs) node.input({ kind: 'deadline' })
      }
    }
  }
}

/** The bodies that a node got of a feed, with gaps as text. */
export function bodiesOf(node: LabNode, feed: string): readonly unknown[] {
  return node.got.flatMap((delivery) => {
    if (delivery.feed !== feed) return []
    if (delivery.kind === 'gap') return [`gap ${delivery.first}-${delivery.last}`]
    return [delivery.body]
  })
}

/** A frame that says anything. */
export function frame(type: string, data: object): string {
  return JSON.stringify({ type, data })
}

export function events(feed: string, from: number, bodies: readonly unknown[]): string {
  return frame('EVENTS', { feed, from, heldMs: 0, runs: [{ topic: 'a', ageMs: 0, json: bodies }] })
}

/** Delivers what is on its way on one link in one direction. */
export function deliver(from: LabNode, to: LabNode, link: number): void {
  for (const text of from.ways.get(link)?.frames.splice(0) ?? []) to.receive(link, text)
}

/** Publishes, and sends it. */
export function publishNow(node: LabNode, body: Json): void {
  node.publish(body)
  node.input({ kind: 'turn-ended' })
}
