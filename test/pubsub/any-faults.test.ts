/**
 * Random faults: whatever happens to links and processes, each node gets the numbers of each feed
 * once and in order, or a gap that names what is missing; and all have the same in the end. Peers
 * that forge feeds cause gaps, after which the owner's numbers come.
 */

import test from 'ava'
import { Random } from '../sim/random.ts'
import { Lab, type LabNode } from './lab.ts'

/** Nodes whose logs hold next to nothing, so that there are gaps. */
const hasSmallLog = new WeakSet<LabNode>()

const SEEDS = Number(process.env['N'] ?? 250)

/** By feed, the number that a node wants next; or a text when a number came at a wrong place. */
function endsOf(node: LabNode, isHostile: boolean): Map<string, number> | string {
  const next = new Map<string, number>()
  for (const delivery of node.got) {
    const { feed } = delivery
    const first = delivery.kind === 'gap' ? delivery.first : delivery.seq
    const last = delivery.kind === 'gap' ? delivery.last : delivery.seq
    const wanted = next.get(feed) ?? first
    // What was taken in the name of a sender is taken back as a whole, with what was before.
    const isTakenBack = delivery.kind === 'gap' && first < wanted && last >= wanted - 1
    if (isHostile && isTakenBack) next.set(feed, first)
    else if (first === wanted) next.set(feed, last + 1)
    else return `${node.feed} got ${first} of ${feed} instead of ${wanted}`
  }
  return next
}

/** What is wrong in the end. */
function problemWith(nodes: readonly LabNode[], isHostile: boolean): string | undefined {
  const all: (readonly [LabNode, Map<string, number>])[] = []
  for (const node of nodes) {
    const ends = endsOf(node, isHostile)
    if (typeof ends === 'string') return ends
    all.push([node, ends])
  }
  for (const [one, ends] of all) {
    for (const [other, others] of all) {
      for (const [feed, end] of ends) {
        const there = others.get(feed)
        if (there === undefined || there >= end) continue
        return `${other.feed} wants ${there} of ${feed}, and ${one.feed} ${end}`
      }
    }
  }
  // What is forged in the name of an owner may be a gap that hides its numbers.
  for (const [node, ends] of isHostile ? [] : all) {
    for (const { core, feed } of nodes) {
      if (ends.get(feed) === core.nextSeq) continue
      return `${node.feed} wants ${ends.get(feed)} of ${feed}, which ends at ${core.nextSeq}`
    }
  }
  const withLog = nodes.filter((node) => !hasSmallLog.has(node))
  for (const owner of withLog) {
    // What is not kept any more cannot be compared.
    const own = bodiesOf(owner, owner.feed)
    for (const node of withLog) {
      for (const [seq, body] of bodiesOf(node, owner.feed)) {
        if (own.get(seq) !== body)
          return `${node.feed} ends with ${body} as ${seq} of ${owner.feed}`
      }
    }
  }
  return undefined
}

/** What came last under each number of a feed. */
function bodiesOf(node: LabNode, feed: string): Map<number, unknown> {
  const bodies = new Map<number, unknown>()
  for (const delivery of node.got) {
    if (delivery.feed !== feed) continue
    if (delivery.kind === 'message') bodies.set(delivery.seq, delivery.body)
    else for (const seq of bodies.keys()) if (seq >= delivery.first) bodies.delete(seq)
  }
  return bodies
}

/** A frame about a feed that says anything. */
function forged(random: Random, feed: string): string {
  const from = random.int(1, 30)
  const bodies = Array.from({ length: random.int(1, 6) }, () => 'forged')
  const runs = [{ topic: 'a', ageMs: 0, json: bodies }]
  const messages = [
    { type: 'EVENTS', data: { feed, from, heldMs: 0, runs } },
    { type: 'EVENTS', data: { feed, from: 1, heldMs: 0, runs } },
    { type: 'FEED', data: { feed, first: 1, next: from } },
    { type: 'GONE', data: { feed, first: from, ageMs: random.int(0, 5_000) } },
    { type: 'WANT', data: { feed, from } },
    { type: 'WANT', data: { feed, withinMs: random.int(0, 10_000) } },
    { type: 'FEEDS', data: { have: { [feed]: from } } },
  ]
  return JSON.stringify(random.pick(messages))
}

function run(seed: number): string | undefined {
  const random = new Random(seed)
  const isHostile = random.chance(0.5)
  const lab = new Lab(() => random.unit())
  const start = (): void => {
    const isSmall = random.chance(0.2)
    const node = lab.start(isSmall ? { logBytes: 8_000 } : {})
    if (isSmall) hasSmallLog.add(node)
  }
  for (let n = random.int(2, 5); n > 0; n -= 1) start()
  const alive = (): LabNode[] => lab.nodes.filter(({ isAlive }) => isAlive)
  const intruders = new Map<number, LabNode>()
  const intrude = (node: LabNode): void => {
    const { feed } = random.pick(lab.nodes)
    if (isHostile && feed !== node.feed) intruders.set(lab.intrude(node, feed), node)
  }
  const forge = (): void => {
    for (const [link, node] of intruders) {
      if (!node.ways.has(link)) intruders.delete(link)
      else node.receive(link, forged(random, random.pick(lab.nodes).feed))
    }
  }
  for (let step = 0; step < 150; step += 1) {
    const node = random.pick(alive())
    const other = random.pick(alive())
    const dice = random.int(0, 99)
    if (dice < 50) node.publish(step)
    else if (dice < 70) {
      const isVerified = random.chance(0.7)
      const isAgain = lab.linked(node, other) !== undefined
      if (node !== other && (!isAgain || random.chance(0.3))) lab.connect(node, other, isVerified)
    } else if (dice < 78) {
      const links = lab.links()
      if (links.length > 0) lab.cut(random.pick(links))
    } else if (dice < 80 && alive().length > 2) {
      lab.kill(node)
      start()
    } else if (dice < 85) node.isStuck = !node.isStuck
    else if (dice < 90) lab.run(random.int(0, 3_000))
    else if (dice < 93) intrude(node)
    else if (dice < 95 && lab.links().length > 0) lab.verify(random.pick(lab.links()))
    forge()
    lab.step(random.int(0, 3))
  }
  // A verified owner that connects takes back what was forged beyond its end.
  for (const link of isHostile ? lab.links() : []) lab.cut(link)
  for (const node of alive()) node.isStuck = false
  for (const [at, one] of alive().entries()) {
    for (const other of alive().slice(at + 1)) {
      if (lab.linked(one, other) === undefined) lab.connect(one, other)
    }
  }
  for (const link of lab.links()) lab.verify(link)
  lab.run(60_000)
  // What is forged beyond the end of a feed shows when its owner goes on.
  for (const node of alive()) node.publish('last')
  lab.run(2_000)
  return problemWith(alive(), isHostile)
}

test('pubsub - whatever fails, each number comes once, in order, or a gap does', (t) => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const problem = run(seed)
    if (problem !== undefined) return t.fail(`seed ${seed}: ${problem}`)
  }
  t.pass()
})
