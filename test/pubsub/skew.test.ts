/**
 * Honest nodes with several links to each other, whose ends and directions are out of step: a link
 * is ready, verified and closed at one end before the other, and one direction is slow. Each node
 * gets what was published since it runs, once and in order, or a gap in its place.
 */

import test from 'ava'
import { Random } from '../sim/random.ts'
import { deliver, Lab, type LabNode, publishNow } from './lab.ts'

const SEEDS = Number(process.env['N'] ?? 300)

const TICK_MS = 25

/** The time after which nothing is kept, and more, in ms. */
const EXPIRED_MS = 11 * 60_000

/** One end of a link. */
interface End {
  readonly link: number
  readonly node: LabNode
  readonly peer: LabNode
  /** How probable it is that a tick delivers what this end has sent. */
  readonly pace: number
  isVerified: boolean
}

class Skew {
  readonly lab: Lab
  readonly random: Random
  /** When each number was published, by feed. */
  readonly published = new Map<LabNode, number[]>()
  readonly startedMs = new Map<LabNode, number>()
  readonly #later: { readonly atMs: number; readonly act: () => void }[] = []
  #ends: End[] = []
  readonly #readers: (() => void)[] = []
  #links = 0
  readonly #cut = new Set<number>()

  constructor(seed: number) {
    this.random = new Random(seed)
    this.lab = new Lab(() => this.random.unit())
  }

  get alive(): readonly LabNode[] {
    return this.lab.nodes.filter(({ isAlive }) => isAlive)
  }

  start(): void {
    const log = this.random.chance(0.3) ? { logBytes: 8_000 } : {}
    // A relay sends what is recent when it is asked, which is late on a slow link.
    const node = this.lab.start({ takesRelayed: false, ...log })
    this.startedMs.set(node, this.lab.nowMs)
    this.published.set(node, [])
    if (this.random.chance(0.7)) return
    const { take } = node
    node.take = () => {
      if (this.random.chance(0.02)) take.call(node)
    }
    this.#readers.push(() => take.call(node))
  }

  /** Those that read late read all. */
  readAll(): void {
    for (const read of this.#readers) read()
  }

  publish(node: LabNode): void {
    publishNow(node, this.random.chance(0.3) ? 'x'.repeat(700) : 'x')
    this.published.get(node)?.push(this.lab.nowMs)
  }

  connect(one: LabNode, other: LabNode): void {
    this.#links += 1
    const link = this.#links
    for (const [node, peer] of [[one, other] as const, [other, one] as const]) {
      const pace = this.random.pick([0.9, 0.2, 0.02])
      const end: End = { link, node, peer, pace, isVerified: this.random.chance(0.4) }
      this.#soon(1_000, () => this.#open(end))
    }
  }

  #open(end: End): void {
    const { link, node, peer } = end
    if (!node.isAlive || !peer.isAlive || this.#cut.has(link)) return
    this.#ends.push(end)
    node.ways.set(link, { to: peer, link, frames: [] })
    node.input({ kind: 'link-ready', link, peer: peer.feed, verified: end.isVerified })
    if (end.isVerified || this.random.chance(0.5)) return
    this.#soon(3_000, () => {
      if (node.ways.has(link)) node.input({ kind: 'link-verified', link })
    })
  }

  cutAny(): void {
    if (this.#ends.length === 0) return
    const { link } = this.random.pick(this.#ends)
    this.#cut.add(link)
    for (const end of this.#ends.filter((one) => one.link === link)) {
      this.#soon(1_000, () => this.#close(end))
    }
  }

  #close(end: End): void {
    this.#ends = this.#ends.filter((one) => one !== end)
    if (end.node.ways.delete(end.link)) end.node.input({ kind: 'link-gone', link: end.link })
  }

  kill(node: LabNode): void {
    node.isAlive = false
    for (const end of this.#ends) if (end.node === node || end.peer === node) this.#close(end)
  }

  #soon(ms: number, act: () => void): void {
    if (this.random.chance(0.4)) act()
    else this.#later.push({ atMs: this.lab.nowMs + this.random.between(0, ms), act })
  }

  run(ms: number, tickMs = TICK_MS): void {
    for (const untilMs = this.lab.nowMs + ms; this.lab.nowMs < untilMs; ) {
      this.lab.nowMs += tickMs
      const due = this.#later.filter(({ atMs }) => atMs <= this.lab.nowMs)
      for (const one of due) this.#later.splice(this.#later.indexOf(one), 1)
      for (const { act } of due) act()
      for (const end of [...this.#ends]) if (this.random.chance(end.pace)) this.#deliver(end)
      for (const node of this.lab.nodes) {
        node.drain()
        if ((node.core.deadlineMs() ?? Number.POSITIVE_INFINITY) <= this.lab.nowMs) {
          node.input({ kind: 'deadline' })
        }
      }
    }
  }

  #deliver({ link, node, peer }: End): void {
    // What comes before HANDSHAKE waits for it.
    if (peer.ways.has(link)) deliver(node, peer, link)
  }
}

/** What is wrong with what a node got of another one that runs. */
function problemWith(skew: Skew, node: LabNode, owner: LabNode): string | undefined {
  const startedMs = skew.startedMs.get(node) ?? 0
  const wanted = (skew.published.get(owner) ?? []).findIndex((atMs) => atMs >= startedMs) + 1
  let begin: number | undefined
  let next: number | undefined
  for (const delivery of node.got) {
    if (delivery.feed !== owner.feed) continue
    const first = delivery.kind === 'gap' ? delivery.first : delivery.seq
    if (next !== undefined && first !== next) return `got ${first} instead of ${next}`
    next = 1 + (delivery.kind === 'gap' ? delivery.last : delivery.seq)
    begin ??= first
  }
  if (wanted === 0) return undefined
  if (begin === undefined || begin > wanted) return `begins with ${begin} instead of ${wanted}`
  return next === owner.core.nextSeq ? undefined : `ends before ${next}`
}

function run(seed: number): string | undefined {
  const skew = new Skew(seed)
  const { random } = skew
  for (let count = random.int(2, 3); count > 0; count -= 1) skew.start()
  for (let step = 0; step < 50; step += 1) {
    const [one, other] = [random.pick(skew.alive), random.pick(skew.alive)]
    const dice = random.int(0, 99)
    if (dice < 40) skew.publish(one)
    else if (dice < 65 && one !== other) skew.connect(one, other)
    else if (dice < 80) skew.cutAny()
    else if (dice < 82 && skew.alive.length > 2) skew.kill(one)
    else if (dice < 84 && skew.alive.length < 4) skew.start()
    else if (dice < 85) skew.run(EXPIRED_MS, 1_000)
    else skew.run(random.int(0, 1_000))
  }
  for (const [at, one] of skew.alive.entries()) {
    for (const other of skew.alive.slice(at + 1)) skew.connect(one, other)
  }
  skew.run(10_000)
  for (const node of skew.alive) skew.publish(node)
  skew.run(40_000)
  skew.readAll()
  for (const node of skew.alive) {
    for (const owner of skew.alive) {
      const problem = node === owner ? undefined : problemWith(skew, node, owner)
      if (problem !== undefined) return `${node.feed} ${problem} of ${owner.feed}`
    }
  }
  return undefined
}

test('pubsub - whatever is out of step, each number comes once, in order, or a gap does', (t) => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const problem = run(seed)
    if (problem !== undefined) return t.fail(`seed ${seed}: ${problem}`)
  }
  t.pass()
})
