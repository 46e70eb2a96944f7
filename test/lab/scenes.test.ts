/** Each scene of the lab shows what its story says: played to several moments, in made-up time. */

import test, { type ExecutionContext } from 'ava'
import { linksOf } from './model/link-view.ts'
import { meshOf, summaryOf } from './model/mesh-view.ts'
import { marksOf, viewOf } from './model/node-view.ts'
import { kindOf } from './model/picture-paths.ts'
import { Playground } from './model/playground.ts'
import { parseScene } from './model/scene.ts'
import { STORIES } from './model/stories.ts'

type Show = (t: ExecutionContext, scene: Playground) => void

const SHOWN: Readonly<Record<string, Show>> = {
  'A server listens': (t, scene) => {
    scene.run(1_900)
    t.deepEqual(lists(scene, 1), [[], [], []])
    scene.run(6_000)
    t.deepEqual(lists(scene, 1), [[], [2], []])
  },
  'Known peers are dialed': (t, scene) => {
    scene.run(6_100)
    t.deepEqual(lists(scene, 4), [[1, 2, 3], [], [1, 2, 3]])
    scene.run(12_000)
    t.deepEqual(lists(scene, 4), [[1, 2, 3], [1, 2, 3], []])
  },
  HANDSHAKE: (t, scene) => {
    scene.run(10_000)
    const [first] = traceOf(scene, 3).filter((line) => /<- .*"HANDSHAKE"/.test(line))
    t.regex(first ?? '', /localhost:4001.*localhost:4002/)
    t.regex(traceOf(scene, 3).join('\n'), /\nsend #1 \{"type":"HANDSHAKE"/)
  },
  'A mesh becomes complete': (t, scene) => {
    scene.run(7_500)
    t.deepEqual(lists(scene, 6)[0], [5])
    t.false(meshOf(scene).isComplete)
    scene.run(20_000)
    t.like(meshOf(scene), { isComplete: true, connections: 15 })
  },
  connectedAddresses: (t, scene) => {
    const sizes = [2_000, 5_000, 7_400, 12_000].map((atMs) => {
      scene.run(atMs)
      return lists(scene, 1)[1]?.length
    })
    t.deepEqual(sizes, [0, 1, 2, 3])
  },
  'A connection ends': (t, scene) => {
    scene.run(4_900)
    t.deepEqual(lists(scene, 1)[1], [2, 3, 4])
    scene.run(6_000)
    t.deepEqual(lists(scene, 1)[1], [2, 4])
    scene.run(16_000)
    t.deepEqual(lists(scene, 1)[1], [2, 3, 4])
  },
  attemptingToConnectToAddress: (t, scene) => {
    scene.run(9_000)
    t.deepEqual(lists(scene, 4), [[1, 2, 3], [1, 2], [3]])
    const named = traceOf(scene, 4).filter((line) => /<- .*localhost:4003/.test(line))
    t.is(named.length, 2)
    t.is(dialsOf(scene, 4, 3), 1)
    scene.run(11_020)
    t.deepEqual(lists(scene, 4)[2], [])
  },
  'Never its own address': (t, scene) => {
    scene.run(10_000)
    t.true(meshOf(scene).isComplete)
    for (const number of [1, 2, 3]) {
      t.is(dialsOf(scene, number, number), 0)
      t.false(lists(scene, number).flat().includes(number))
    }
  },
  'Two clones': (t, scene) => {
    scene.run(5_900)
    t.like(meshOf(scene), { isComplete: true, nodes: 3 })
    scene.run(12_000)
    t.like(meshOf(scene), { isComplete: true, nodes: 5 })
  },
  'The same code': (t, scene) => {
    scene.run(15_000)
    t.is(viewOf(scene, 1)?.state, 'ended')
    t.like(meshOf(scene), { isComplete: true, nodes: 4 })
  },
  'A duplicate, and who decides': (t, scene) => {
    scene.run(2_500)
    t.like(scene.world.tally, { connections: 2, duplicatesClosed: 0 })
    for (let atMs = 2_500; atMs < 4_000; atMs += 50) {
      scene.run(atMs)
      t.like(meshOf(scene), { isComplete: true, dead: 0 }, 'the close is no fault')
    }
    scene.run(10_000)
    t.like(scene.world.tally, { connections: 2, duplicatesClosed: 1 })
    const closing = [1, 2].filter((number) =>
      /^close #\d+ with close code 4001 \(duplicate\)$/m.test(traceOf(scene, number).join('\n')),
    )
    const ids = [1, 2].map((number) => viewOf(scene, number)?.id ?? '')
    t.is(new Set(ids).size, 2)
    t.deepEqual(
      closing.map((number) => ids[number - 1]),
      ids.toSorted().slice(1),
    )
  },
  'A message for all': (t, scene) => {
    scene.run(11_000)
    t.deepEqual(received(scene), [3, 3, 3, 3])
    scene.run(16_000)
    // Nothing was published for it yet, so no number is beside its name.
    t.deepEqual(
      marksOf(scene).map(({ messages }) => messages?.of),
      [3, 3, 3, 3, undefined],
    )
    scene.run(25_000)
    t.deepEqual(received(scene), [4, 4, 4, 4, 1])
    t.like(viewOf(scene, 5)?.received[0], { owner: 'node-2', count: 1, of: 1, before: 3 })
    t.like(viewOf(scene, 4)?.received[0], { owner: 'node-2', count: 4, of: 4, before: 0 })
  },
  'A partition heals': (t, scene) => {
    scene.run(20_000)
    // By their own word they are connected.
    t.like(meshOf(scene), { isComplete: false, connections: 10, dead: 6 })
    scene.run(60_000)
    t.deepEqual(lists(scene, 1)[1], [2])
    t.is(summaryOf(meshOf(scene)), 'The network is in two parts: 1 2 | 3 4 5')
    t.deepEqual(received(scene), [1, 1, 0, 0, 0])
    scene.run(100_000)
    t.true(meshOf(scene).isComplete)
    t.deepEqual(received(scene), [1, 1, 1, 1, 1])
  },
  'A frozen node': (t, scene) => {
    scene.run(30_000)
    t.is(summaryOf(meshOf(scene)), 'node-3 is frozen')
    t.true(lists(scene, 1)[1]?.includes(3))
    scene.run(65_000)
    t.false(lists(scene, 1)[1]?.includes(3))
    t.is(summaryOf(meshOf(scene)), 'node-3 is frozen')
    scene.run(80_000)
    t.true(meshOf(scene).isComplete)
  },
  'A stranger who lies': (t, scene) => {
    scene.run(12_500)
    t.regex(traceOf(scene, 1).join('\n'), /close #\d+ with close code 4006 \(another node/)
    t.true(meshOf(scene).isComplete)
    scene.run(16_000)
    t.regex(traceOf(scene, 1).join('\n'), /addresses-refused .*"refusedByPolicy":1/)
    t.notRegex(traceOf(scene, 1).join('\n'), /dial ws:\/\/169/)
    scene.run(24_000)
    for (const port of [4777, 4888]) {
      const line = viewOf(scene, 1)?.book.find(({ address }) => address.endsWith(`:${port}`))
      t.is(line?.text, 'gone; connection refused')
      t.notRegex(traceOf(scene, 1).join('\n'), new RegExp(`send #.*"HANDSHAKE".*:${port}`))
    }
    const own = linksOf(scene).filter(({ from, to }) => [from.name, to.name].includes('stranger'))
    t.deepEqual(
      own.map(({ state }) => state),
      ['open', 'open'],
    )
    t.is(summaryOf(meshOf(scene)), 'All 4 nodes connected')
    scene.run(60_000)
    t.true(meshOf(scene).isComplete)
  },
  'Packets are lost': (t, scene) => {
    // A packet that was lost is sent again, 200 ms later at the earliest.
    const isLate = () => scene.flights.some(({ sentMs, arrivalMs }) => arrivalMs - sentMs > 500)
    for (let atMs = 0; atMs < 5_000 && !isLate(); atMs += 100) scene.run(atMs)
    t.true(isLate())
    scene.run(30_000)
    t.is(scene.lossPercent, 33)
    t.true(meshOf(scene).isComplete)
  },
  'A plain peer': (t, scene) => {
    scene.run(20_000)
    t.deepEqual(lists(scene, 4), [[1], [1, 2, 3], []])
    for (const number of [1, 2, 3]) t.true(lists(scene, number)[1]?.includes(4))
  },
}

for (const { name, scene: text } of STORIES) {
  test(`lab - scene: ${name}`, (t) => {
    const scene = new Playground(parseScene(text))
    SHOWN[name]?.(t, scene)
    t.is(scene.problem, undefined)
  })
}

test('lab - a scene ends after its last step, with nothing but pings under way', (t) => {
  for (const { name, scene: text, endMs } of STORIES) {
    const scene = new Playground(parseScene(text))
    t.true(
      scene.scene.steps.every(({ atMs }) => atMs < endMs),
      name,
    )
    scene.run(endMs)
    t.true(
      scene.flights.map(kindOf).every((kind) => kind === 'other'),
      name,
    )
  }
})

test('lab - each scene has a test', (t) => {
  t.deepEqual(
    Object.keys(SHOWN),
    STORIES.map(({ name }) => name),
  )
})

/** The three lists of a node, as numbers of nodes, sorted. */
function lists(scene: Playground, number: number): readonly (readonly number[])[] {
  const { knownPeers, connectedAddresses, attemptingToConnectToAddress } =
    viewOf(scene, number) ?? {}
  return [knownPeers, connectedAddresses, attemptingToConnectToAddress].map((list = []) =>
    list.map((address) => Number(new URL(address).port) - 4000).toSorted((a, b) => a - b),
  )
}

/** What the core of a node took and gave, the oldest first. */
function traceOf({ trace }: Playground, number: number): readonly string[] {
  return trace
    .of(`node-${number}`)
    .map(({ text }) => text)
    .toReversed()
}

function dialsOf(scene: Playground, number: number, other: number): number {
  return traceOf(scene, number).filter((line) =>
    line.startsWith(`dial ws://localhost:${4000 + other}`),
  ).length
}

/** How many messages each node has received, of the only node that published. */
function received(scene: Playground): readonly (number | undefined)[] {
  return [...scene.processes.keys()].map(
    ({ index }) => viewOf(scene, index + 1)?.received[0]?.count,
  )
}
