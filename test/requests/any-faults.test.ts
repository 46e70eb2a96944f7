/**
 * Random faults: whatever happens to links, each request ends once, runs at most once, and has the
 * answer that was given to it. Where lost links are back in time, each has its answer.
 */

import test from 'ava'
import { LINK_WAIT_MS, SERIES_KEPT_MS } from '../../src/requests/limits.ts'
import { Random } from '../sim/random.ts'
import { Lab, type LabNode, type Run } from './lab.ts'

const SEEDS = Number(process.env['N'] ?? 200)

const STEPS = 150

/** Random requests and faults. Returns what is wrong. */
function problemOf(seed: number, isMild: boolean): string | undefined {
  const random = new Random(seed)
  const lab = new Lab()
  const nodes = [lab.start(), lab.start(), lab.start()]
  const waiting: { node: LabNode; run: Run }[] = []
  for (const node of nodes) {
    node.reply = (run) => {
      waiting.push({ node, run })
      return undefined
    }
  }
  const asked = new Map<number, LabNode>()
  const abandoned = new Set<number>()
  const links = new Map<string, number>()
  const pick = (): readonly [LabNode, LabNode] => {
    const one = random.int(0, 2)
    const other = (one + random.int(1, 2)) % 3
    return [nodes[one] as LabNode, nodes[other] as LabNode]
  }
  const keyOf = (one: LabNode, other: LabNode): string => [one.id, other.id].sort().join()
  const relink = (one: LabNode, other: LabNode): void => {
    links.set(keyOf(one, other), lab.connect(one, other, random.unit() < 0.5))
  }
  const answerOne = (): void => {
    const [due] = waiting.splice(random.int(0, waiting.length - 1), 1)
    if (due === undefined) return
    const { body } = due.run
    due.node.answer(due.run, JSON.stringify(body.kind === 'json' ? body.value : null))
  }
  for (const [one, other] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    relink(nodes[one] as LabNode, nodes[other] as LabNode)
  }

  for (let step = 0; step < STEPS; step += 1) {
    const [one, other] = pick()
    const link = links.get(keyOf(one, other)) ?? 0
    const dice = random.int(1, 100)
    if (dice <= 45) {
      const id = lab.drawId() + 1
      asked.set(one.ask(other.id, id), one)
    } else if (dice <= 65) answerOne()
    else if (dice <= 70) lab.cut(link)
    else if (dice <= 75 && !isMild) lab.cutAt(one, link)
    // Two links at the same time, and then perhaps the end of the first.
    else if (dice <= 78) relink(one, other)
    else if (dice <= 80 && !isMild && asked.size > 0) {
      const id = random.int(1, asked.size * 2)
      asked.get(id)?.input({ kind: 'abandoned', id })
      abandoned.add(id)
    } else if (dice <= 90) lab.step()
    else lab.run(random.int(0, isMild ? 200 : 1_500))
    // What is lost comes back, in time or at any time.
    for (const node of isMild || random.unit() < 0.1 ? nodes : []) {
      for (const peer of nodes) {
        const isLinked = [...node.ways.values()].some(({ to }) => to === peer)
        if (node !== peer && !isLinked) relink(node, peer)
      }
    }
  }
  for (let turn = 0; turn < 40; turn += 1) {
    while (waiting.length > 0) answerOne()
    lab.run(isMild ? 100 : 1_000)
  }

  const runs = nodes.flatMap((node) => node.runs.map(({ body }) => bodyOf(body)))
  const repeated = runs.find((body, at) => runs.indexOf(body) !== at)
  if (repeated !== undefined) return `${repeated} ran twice`
  for (const [id, node] of asked) {
    const result = node.resultOf(id)
    if (typeof result === 'number' && result !== id) return `${id} has the answer of ${result}`
    if (result === undefined && !abandoned.has(id)) return `${id} does not end`
    if (isMild && result !== id) return `${id} has ${String(result)}`
    const outcome = node.outcomes.get(id)
    const wasSent = outcome !== undefined && 'wasSent' in outcome && outcome.wasSent
    const isGone = outcome?.kind === 'timeout' || outcome?.kind === 'gone'
    const isRefused = ['NO_RESPONDER', 'TOO_MANY_REQUESTS', 'full'].includes(`${result}`)
    if ((isRefused || (isGone && !wasSent)) && runs.includes(id))
      return `${id} ran, and has ${String(result)}`
  }
  // What is remembered of lost links is over then, too.
  lab.run(SERIES_KEPT_MS + LINK_WAIT_MS)
  if (nodes.some(({ core }) => core.deadlineMs() !== undefined)) return 'a timer is left'
  return undefined
}

function bodyOf(body: Run['body']): unknown {
  return body.kind === 'json' ? body.value : undefined
}

for (const isMild of [true, false]) {
  const title = isMild ? 'links that are back at once: each request has its answer' : 'any faults'
  test(`faults - ${title}`, (t) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const problem = problemOf(seed, isMild)
      if (problem !== undefined) return t.fail(`seed ${seed}: ${problem}`)
    }
    t.pass()
  })
}
