/**
 * Random faults: whatever happens to links and processes, each node gets the numbers of each feed
 * once and in order, or a gap that names what is missing; and all have the same in the end.
 */

import test from 'ava'
import { Random } from '../sim/random.ts'
import { Lab, type LabNode } from './lab.ts'

const SEEDS = Number(process.env['N'] ?? 300)

/** What is wrong with what a node got, or undefined. */
function problemWith(node: LabNode): string | undefined {
  const next = new Map<string, number>()
  for (const delivery of node.got) {
    const { feed } = delivery
    const first = delivery.kind === 'gap' ? delivery.first : delivery.seq
    const last = delivery.kind === 'gap' ? delivery.last : delivery.seq
    const wanted = next.get(feed) ?? first
    if (first !== wanted) return `${node.feed} got ${first} of ${feed} instead of ${wanted}`
    next.set(feed, last + 1)
  }
  return undefined
}

function run(seed: number): string | undefined {
  const random = new Random(seed)
  const lab = new Lab(() => random.unit())
  // Some logs hold next to nothing, so that there are gaps.
  const start = (): unknown => lab.start(random.chance(0.2) ? { logBytes: 8_000 } : {})
  for (let n = random.int(2, 5); n > 0; n -= 1) start()
  const alive = (): LabNode[] => lab.nodes.filter(({ isAlive }) => isAlive)
  for (let step = 0; step < 150; step += 1) {
    const node = random.pick(alive())
    const other = random.pick(alive())
    const dice = random.int(0, 99)
    if (dice < 50) node.publish(step)
    else if (dice < 70) {
      if (node !== other && lab.linked(node, other) === undefined) lab.connect(node, other)
    } else if (dice < 78) {
      const links = lab.links()
      if (links.length > 0) lab.cut(random.pick(links))
    } else if (dice < 80 && alive().length > 2) {
      lab.kill(node)
      start()
    } else if (dice < 85) node.isStuck = !node.isStuck
    else if (dice < 90) lab.run(random.int(0, 3_000))
    lab.step(random.int(0, 3))
  }
  for (const node of alive()) node.isStuck = false
  for (const [at, one] of alive().entries()) {
    for (const other of alive().slice(at + 1)) {
      if (lab.linked(one, other) === undefined) lab.connect(one, other)
    }
  }
  lab.run(60_000)
  for (const node of alive()) {
    const problem = problemWith(node)
    if (problem !== undefined) return problem
  }
  return problemAtRest(alive())
}

/** All have the end of every feed that any of them got. */
function problemAtRest(nodes: readonly LabNode[]): string | undefined {
  for (const one of nodes) {
    for (const other of nodes) {
      for (const [feed, last] of endsOf(one)) {
        const end = endsOf(other).get(feed)
        if (end !== undefined && end < last) {
          return `${other.feed} has ${feed} up to ${end}, and ${one.feed} up to ${last}`
        }
      }
    }
  }
  return undefined
}

function endsOf(node: LabNode): Map<string, number> {
  return new Map(
    node.got.map((delivery) => [
      delivery.feed,
      delivery.kind === 'gap' ? delivery.last : delivery.seq,
    ]),
  )
}

test('whatever fails, each number comes once, in order, or a gap does', (t) => {
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const problem = run(seed)
    if (problem !== undefined) return t.fail(`seed ${seed}: ${problem}`)
  }
  t.pass()
})
