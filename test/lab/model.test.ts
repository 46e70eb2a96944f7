/** Scenes as texts, what a user does, and seeds of the simulator. */

import test from 'ava'
import { planFor } from '../sim/plan.ts'
import { Random } from '../sim/random.ts'
import { describeFailure } from '../sim/report.ts'
import { carryOut, Run } from '../sim/run.ts'
import { leaveOut } from '../sim/shrink.ts'
import { Trace } from '../sim/trace.ts'
import { closeCodeText, withCloseCode } from './model/close-code.ts'
import { LabTrace, type TraceLine } from './model/lab-trace.ts'
import { linksOf } from './model/link-view.ts'
import { announcementOf, meshOf, summaryOf } from './model/mesh-view.ts'
import { marksOf, viewOf } from './model/node-view.ts'
import { Playground } from './model/playground.ts'
import { formatScene, NODES_MAX, parseScene } from './model/scene.ts'
import {
  AT_MS_MAX,
  LATENCY_MS_MAX,
  LOSS_PERCENT_MAX,
  STEPS_MAX,
  VERBS,
  type Verb,
} from './model/step.ts'
import { STORIES } from './model/stories.ts'

/** The scene of a story. */
const textOf = (wanted: string) => STORIES.find(({ name }) => name === wanted)?.scene ?? ''

test('lab - a scene is the same as its text', (t) => {
  const texts = [
    ...STORIES.map(({ scene }) => scene),
    '#sim=12&without=0,2&steps=5:split:1,2;9:heal',
  ]
  for (const text of texts) {
    const scene = parseScene(text)
    t.deepEqual(parseScene(formatScene(scene)), scene)
    t.is(scene.steps.length, text.split(/[;=]\d+:/).length - 1)
  }
})

test('lab - text that is no scene is named', (t) => {
  const wrong: Readonly<Record<string, string>> = {
    [`nodes=${NODES_MAX + 1}`]: `nodes must be a whole number from 0 to ${NODES_MAX}, not '51'`,
    [`latency=${LATENCY_MS_MAX + 1}`]: `latency must be a whole number from 1 to 1000, not '1001'`,
    'seed=x': "seed must be a whole number from 0 to 9007199254740991, not 'x'",
    'known=none': "known must be one of first, before, all, not 'none'",
    'sim=1&without=x': "without must be numbers of faults, such as 0,2, not 'x'",
    'steps=kill:1': "step 'kill:1' must begin with its time: 0 to 86400000 ms",
    'steps=86400001:kill:1': "step '86400001:kill:1' must begin with its time: 0 to 86400000 ms",
    'steps=1:kill:51': "step '1:kill:51' takes 1 numbers from 1 to 50",
    'steps=1:cut:1': "step '1:cut:1' takes 2 numbers from 1 to 50",
    'steps=1:loss:51': "step '1:loss:51' takes 1 numbers from 0 to 50",
  }
  for (const [text, message] of Object.entries(wrong)) {
    t.throws(() => parseScene(text), { instanceOf: RangeError, message }, text)
  }
  t.throws(() => parseScene('steps=1:toString:1'), { message: /^step '1:toString:1' has none of/ })
  t.notThrows(() =>
    parseScene(
      `nodes=${NODES_MAX}&latency=${LATENCY_MS_MAX}&steps=${AT_MS_MAX}:loss:${LOSS_PERCENT_MAX}`,
    ),
  )
  const healing = (steps: number) => parseScene(`steps=${'1:heal;'.repeat(steps)}`)
  t.throws(() => healing(STEPS_MAX + 1), { message: /at most 500 steps/ })
  t.is(healing(STEPS_MAX).steps.length, STEPS_MAX)
})

test('lab - what a user does is a part of the scene, which plays the same again', (t) => {
  const scene = new Playground(parseScene('seed=3&nodes=4&steps=9000:heal'))
  for (const [atMs, verb, ...numbers] of ACTS) {
    // In pieces, as the frames of a browser come.
    while (scene.nowMs < atMs) scene.run(Math.min(atMs, scene.nowMs + 17.3))
    scene.act(verb, numbers)
  }
  scene.run(60_000)
  t.is(scene.problem, undefined)
  const again = new Playground(parseScene(formatScene(scene.scene)))
  again.run(60_000)
  t.deepEqual(again.world.tally, scene.world.tally)
  for (const { number, name } of marksOf(scene)) {
    t.deepEqual(viewOf(again, number), viewOf(scene, number))
    t.deepEqual(again.trace.of(name), scene.trace.of(name))
  }
  t.true(marksOf(scene).length > 5)
})

const ACTS = [
  [1_000.5, 'latency', 100],
  [2_500, 'publish', 2],
  [3_000, 'split', 1, 2],
  [3_500, 'loss', 10],
  [4_000, 'start', 5],
  [5_000, 'freeze', 1],
  [6_000, 'thaw', 1],
  [10_000, 'cut', 1, 2],
  [11_000, 'reset', 1, 3],
  [12_000, 'unplug', 4],
  [13_000, 'plain', 6],
  [14_000, 'stranger', 1, 2],
  [15_000, 'kill', 2],
  [16_000, 'start', 2],
] as const

test('lab - a step ends when a packet leaves or arrives', (t) => {
  const scene = new Playground(parseScene('seed=1&nodes=2&pause=0&known=all'))
  const underWay = [1, 2, 3].map(() => {
    const { length } = scene.flights
    scene.stepOnce()
    return [length, scene.flights.length]
  })
  t.deepEqual(underWay, [
    [2, 1],
    [1, 0],
    [0, 1],
  ])
})

test('lab - a silence ends when something happens, and what follows is the same', (t) => {
  const text = 'seed=1&nodes=2&pause=0&latency=100&steps=20000:freeze:2;40000:publish:1'
  const scene = new Playground(parseScene(text))
  const ends: number[] = []
  while (scene.nowMs < 60_000) {
    if (scene.isQuiet) {
      scene.runWhileQuiet(60_000)
      ends.push(Math.round(scene.nowMs / 1000))
    } else scene.run(scene.nowMs + 17)
  }
  const whole = new Playground(parseScene(text))
  whole.run(scene.nowMs)
  t.deepEqual(scene.world.tally, whole.world.tally)
  t.deepEqual(scene.trace.of('node-1'), whole.trace.of('node-1'))
  // Each step, the pings of node 1, and the moment at which it closes the link.
  for (const atS of [20, 40, 60]) t.true(ends.includes(atS), `${atS} s, not only ${ends}`)
  const pings = whole.trace.of('node-1').filter((line) => line.text.startsWith('ping '))
  t.true(pings.length > 0)
  for (const { atMs } of pings) t.true(ends.includes(Math.round(atMs / 1000)), `${atMs}`)
})

test('lab - the log of a node leaves out what is routine', (t) => {
  const trace = new LabTrace()
  const routine = [
    '<- deadline',
    'ping #1',
    '<- ping-received #1',
    '<- pong-received #1',
    'sends #1 {"type":"FEED","data":{}}',
    '<- frame-received #1 {"type":"WANT","data":{}}',
  ]
  const news = [
    '<- started',
    'dial ws://localhost:4002 (operator)',
    'send #1 {"type":"HANDSHAKE","data":["a"]}',
    '<- frame-received #1 {"type":"HANDSHAKE","data":["b"]}',
    'send #2 {"type":"HANDSHAKE","data":["a"]}',
    'send #1 {"type":"HANDSHAKE","data":["a","b"]}',
    'sends #1 {"type":"EVENTS","data":{}}',
  ]
  const textsOf = (lines: readonly TraceLine[]) => lines.map(({ text }) => text).toReversed()
  for (const [atMs, text] of news.entries()) trace.note(atMs, 'node-1', () => text)
  for (const text of routine) trace.note(50, 'node-1', () => text)
  trace.note(60, 'node-1', () => 'send #1 {"type":"HANDSHAKE","data":["a"]}')
  t.deepEqual(textsOf(trace.newsOf('node-1')), news)
  t.is(trace.lastNewsMs, news.length - 1)
  t.is(trace.of('node-1').length, news.length + routine.length + 1)
  // A new process numbers its links from 1.
  for (const text of news) trace.note(70, 'node-1', () => text)
  t.deepEqual(textsOf(trace.newsOf('node-1')), [...news, ...news])
})

test('lab - a close code is named as one', (t) => {
  t.is(withCloseCode("close #2 4001 'duplicate'"), 'close #2 with close code 4001 (duplicate)')
  t.is(withCloseCode("<- link-closed #2 1000 ''"), '<- link-closed #2 with close code 1000')
  t.is(closeCodeText(1006, ''), 'close code 1006 (no close frame)')
  const handshake = 'send #2 {"type":"HANDSHAKE","data":["ws://localhost:4001"]}'
  t.is(withCloseCode(handshake), handshake)
  for (const { name, promise, watch } of STORIES) {
    t.notRegex(`${promise} ${watch}`, /(?<!close code )\b40\d\d\b/, name)
  }
  const scene = new Playground(parseScene('seed=1&nodes=2&pause=0&latency=10&steps=5000:kill:2'))
  scene.run(5_500)
  t.regex(viewOf(scene, 1)?.book[0]?.text ?? '', /the connection was lost/)
})

// Half a second of computing: 1,225 connections, each made twice.
test('lab - a mesh of 50 becomes complete', (t) => {
  const scene = new Playground(parseScene(`seed=1&nodes=${NODES_MAX}&pause=20&latency=50`))
  scene.run(3_000)
  t.like(meshOf(scene), { isComplete: true, connections: 1225 })
})

test('lab - a seed of the simulator plays as there', (t) => {
  for (const seed of [85, 96, 50_001]) {
    const plan = leaveOut(planFor(seed), [0])
    const run = new Run(plan, new Trace(false))
    run.begin()
    run.world.time.run(plan.quiescentMs)
    const scene = new Playground(parseScene(`sim=${seed}&without=0`))
    scene.run(plan.quiescentMs)
    t.deepEqual(scene.world.tally, run.world.tally)
    t.true(run.world.tally.connections > 0)
  }
})

test('lab - a seed that fails prints the command that opens it', (t) => {
  const plan = planFor(85)
  const text = describeFailure(plan, carryOut(leaveOut(plan, [0, 2])), [0, 2])
  const [, scene = ''] = /npm run lab -- '(.*)'$/m.exec(text) ?? []
  t.deepEqual(parseScene(scene).setting, { kind: 'sim', seed: 85, without: [0, 2] })
})

test('lab - a rule that does not hold stops the scene, and is named', (t) => {
  const scene = new Playground(parseScene('seed=1&nodes=2'))
  scene.world.time.at(100, () => {
    throw new Error('a rule')
  })
  scene.run(5_000)
  t.is(scene.problem, 'a rule')
  t.is(scene.nowMs, 100)
  scene.run(5_000)
  t.is(scene.nowMs, 100)
})

test('lab - the line above the picture says what is true of the mesh', (t) => {
  const play = (steps: string, nodes = 4) => {
    const text = `nodes=${nodes}&pause=0&latency=100&steps=${steps}`
    const scene = new Playground(parseScene(text))
    return (atMs: number) => {
      scene.run(atMs)
      return summaryOf(meshOf(scene))
    }
  }
  const whole = 'All 4 nodes connected'
  const none = meshOf(new Playground(parseScene('nodes=0')))
  t.is(summaryOf(none), 'No node runs')
  t.false(none.isComplete)
  t.is(play('1:kill:2;1:kill:3;1:kill:4')(9_000), 'One node')

  const frozen = play('9000:freeze:3;70000:freeze:1;71000:freeze:2;80000:thaw:1')
  t.is(frozen(8_900), whole)
  for (const atMs of [9_100, 40_000, 60_000]) t.is(frozen(atMs), 'node-3 is frozen')
  t.is(frozen(70_100), 'node-1 and node-3 are frozen')
  t.is(frozen(71_100), '3 nodes are frozen')

  const split = play('9000:split:1,2;80000:heal')
  const parts = 'The network is in two parts: 1 2 | 3 4'
  for (const atMs of [9_001, 30_000, 79_000]) t.is(split(atMs), parts)
  t.is(split(80_001), '2 of 6 connections')
  t.is(split(100_000), whole)
  const many = play('9000:split:1,2', 14)
  t.is(many(9_001), 'The network is in two parts: 2 | 12 nodes')

  const cut = play('9000:cut:1,2;9000:cut:1,3')
  t.is(cut(9_100), '2 connections are dead, not noticed yet')
  const texts = new Set<string>()
  for (let atMs = 9_100; atMs < 90_000; atMs += 50) texts.add(cut(atMs))
  t.true(texts.has('A connection is dead, noticed at one end only'), [...texts].join('; '))

  const gone = play('9000:unplug:3')
  t.is(gone(9_100), 'node-3 is gone, not noticed by all yet')
  t.is(gone(90_000), 'All 3 nodes connected')

  const plain = play('9000:plain:3', 2)
  t.is(plain(9_001), '1 of 3 connections')
  t.is(plain(20_000), 'All 3 nodes connected')
  t.is(play('9000:plain:3;20000:freeze:3', 2)(20_001), 'node-3 is frozen')
})

test('lab - a connection that is dead is none of the mesh once its pair has a new one', (t) => {
  const scene = new Playground(parseScene('nodes=1&latency=100&steps=500:plain:2;9000:cut:1,2'))
  // A plain peer never notices.
  let both = 0
  for (let atMs = 9_100; atMs < 90_000; atMs += 20) {
    scene.run(atMs)
    const states = linksOf(scene).map(({ state }) => state)
    if (!states.includes('open') || !states.includes('dead')) continue
    both += 1
    t.is(meshOf(scene).dead, 0)
  }
  t.true(both > 0)
})

test('lab - what is announced fits no node, one, and more', (t) => {
  const scene = new Playground(parseScene('nodes=2&pause=1000&latency=10'))
  const announced = (atMs: number) => {
    scene.run(atMs)
    return announcementOf(meshOf(scene))
  }
  t.is(announced(500), 'One node')
  t.is(announced(1_001), 'The mesh is not complete')
  t.is(announced(5_000), 'All 2 nodes are connected')
  t.is(announcementOf(meshOf(new Playground(parseScene('nodes=0')))), 'No node runs')
})

test('lab - a mesh is complete once its lines are open, not before', (t) => {
  const scene = new Playground(parseScene(textOf('A duplicate, and who decides')))
  for (let atMs = 0; atMs < 4_000; atMs += 20) {
    scene.run(atMs)
    const isOpen = linksOf(scene).some(({ state }) => state === 'open')
    t.is(meshOf(scene).isComplete, isOpen, `at ${atMs} ms`)
    // Nor is a node, whose list has the other one while the answer to its own dial is under way.
    t.is(
      marksOf(scene).every(({ state }) => state === 'complete'),
      isOpen,
      `at ${atMs} ms`,
    )
  }
})

test('lab - whatever a user does, all rules of the simulator hold', (t) => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const random = new Random(seed)
    const scene = new Playground(parseScene(`seed=${seed}&nodes=${random.int(2, 6)}&known=before`))
    for (let acts = random.int(5, 20); acts > 0; acts -= 1) {
      scene.run(scene.nowMs + random.int(0, random.pick([200, 3_000, 30_000])))
      const verb = random.pick(Object.keys(VERBS) as Verb[])
      scene.act(verb, numbersFor(verb, random))
    }
    scene.run(scene.nowMs + 100_000)
    t.is(scene.problem, undefined, formatScene(scene.scene))
    t.notThrows(() => parseScene(formatScene(scene.scene)))
  }
})

function numbersFor(verb: Verb, random: Random): readonly number[] {
  const { least, most, of } = VERBS[verb]
  const largest = { nodes: 7, ms: LATENCY_MS_MAX, percent: LOSS_PERCENT_MAX }[of]
  const length = random.int(least, Math.min(most, 3))
  return Array.from({ length }, () => random.int(1, largest))
}
