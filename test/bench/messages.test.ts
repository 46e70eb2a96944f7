/** The bench of messages: its parts, and small trials of what needs no package. */

import test from 'ava'
import { messageAims } from '../../bench/messages/aims.ts'
import { BodyReader, BodyWriter } from '../../bench/messages/body.ts'
import { figureAt, placesOf, sizeText } from '../../bench/messages/figures.ts'
import { messageTables } from '../../bench/messages/tables.ts'
import { tryIt } from '../../bench/namespace.ts'
import { prepare } from '../../bench/preparation.ts'
import type { Row, Section } from '../../bench/results.ts'
import type { SystemName } from '../../bench/systems/system.ts'

/** Longer than it takes on a busy machine. */
const LIMIT_SECONDS = 30

const NODES = 3

const SMALL = {
  kind: 'messages',
  sizes: [16, 1024],
  burstSeconds: 0.1,
  paces: [{ perSecond: 100, seconds: 0.2 }],
} as const

for (const [system, publishers] of [
  ['fullmesh', 'one'],
  ['ws-joined', 'all'],
  ['ws-each', 'one'],
] as const) {
  test.serial(
    `messages of the bench - ${publishers} of ${system} publish, all get all`,
    async (t) => {
      const { programs, leftOut } = await prepare([system])
      t.deepEqual(leftOut, [])
      const what = { ...SMALL, publishers, hasAbsence: publishers === 'one' }
      const result = await tryIt({
        what,
        system,
        nodes: NODES,
        programs,
        limitSeconds: LIMIT_SECONDS,
      })
      if (result.kind !== 'figures') throw new Error(JSON.stringify(result))
      const { lost, wrong, catchUpMebibytesPerSecond, ...positive } = result.figures
      t.deepEqual({ lost, wrong }, { lost: 0, wrong: 0 })
      t.is((catchUpMebibytesPerSecond ?? 0) > 0, publishers === 'one')
      for (const [name, value] of Object.entries(positive)) t.true(value > 0, name)
      t.deepEqual(placesOf(positive, 'cpuMicroseconds'), [16, 1024])
      t.deepEqual(placesOf(positive, 'p999Milliseconds'), [100])
    },
  )
}

test.serial('messages of the bench - a system that carries none is left out', async (t) => {
  const { programs } = await prepare([])
  const what = { ...SMALL, publishers: 'one', hasAbsence: false } as const
  const order = { what, nodes: NODES, programs, limitSeconds: LIMIT_SECONDS }
  for (const system of ['plain', 'nats-server'] as const) {
    t.is((await tryIt({ ...order, system })).kind, 'left-out')
  }
})

test('messages of the bench - a body has its size as JSON, its number and its time', (t) => {
  const writer = new BodyWriter(7)
  t.is(JSON.stringify(writer.write(1, 16)).length, 16)
  t.is(JSON.stringify(writer.write(2, 128, 1_234_567)).length, 128)
  t.is(BodyReader.timeIn(writer.write(3, 128, 1_234_567)), 1_234_567)
  t.is(BodyReader.timeIn(writer.write(3, 128)), undefined)
})

test('messages of the bench - what is lost, twice or out of order is counted', (t) => {
  const read = (...seqs: readonly number[]): BodyReader => {
    const reader = new BodyReader()
    for (const seq of seqs) t.is(reader.read(new BodyWriter(2).write(seq, 20)), 2)
    return reader
  }
  t.is(read(1, 2, 3).wrong, 0)
  t.is(read(1, 2, 2).wrong, 1)
  t.is(read(2, 1, 3).wrong, 1)
  // The second is lost, which its count tells.
  t.is(read(1, 3).wrong, 0)
  t.is(read(1, 3).counts[2], 2)
  t.deepEqual(read(1, 2).counts[2], 2)
})

/** Two rounds, in which ours have these figures and the others 100. */
function sectionOf(ours: Readonly<Record<string, number>>, nodes: number): Section {
  const row = (system: SystemName, figures: Readonly<Record<string, number>>): Row => ({
    task: 'messages of one',
    system,
    nodes,
    figures: Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, [value, value]]),
    ),
  })
  const others = Object.fromEntries(Object.keys(ours).map((name) => [name, 100]))
  const rows = [row('fullmesh', ours), row('ws-joined', others), row('nats-server', others)]
  const machine = { cores: 2, memoryGibibytes: 1, kernel: '', node: '', loadAtStart: 0 }
  return { machine, measured: '', rounds: 2, rows, leftOut: [] }
}

function worstOf(section: Section): Readonly<Record<string, string>> {
  return Object.fromEntries(
    messageAims(section).flatMap(({ name, worst }) =>
      worst === undefined ? [] : [[name, `${worst.value} ${worst.where}`]],
    ),
  )
}

test('messages of the bench - each aim takes the worst of the figures that it means', (t) => {
  const figures = {
    [figureAt('deliveriesPerSecond', 16)]: 80,
    [figureAt('deliveriesPerSecond', 128)]: 100,
    [figureAt('deliveriesPerSecond', 1024)]: 50,
    [figureAt('deliveriesPerSecond', 65_536)]: 1,
    [figureAt('cpuMicroseconds', 128)]: 120,
    [figureAt('cpuMicroseconds', 65_536)]: 300,
    [figureAt('p99Milliseconds', 100)]: 90,
    [figureAt('p99Milliseconds', 1000)]: 110,
    lost: 2,
    wrong: 1,
  }
  t.deepEqual(worstOf(sectionOf(figures, 10)), {
    messages: '1.25 16 B to 9',
    'messages, more': '2 1 KiB to 9',
    'messages, CPU': '3 64 KiB to 9',
    'messages, nats-server': '1.2 128 B to 9',
    'messages, p99': '1.1 1000/s to 9',
    'messages, order': '6 to 9',
  })
  const many = worstOf(sectionOf(figures, 30))
  t.is(many['messages, p99 of many'], '1.1 1000/s to 29')
  t.is(many['messages, nats-server'], undefined)
})

test('messages of the bench - tables have the median and its ratio to ws', (t) => {
  const figures = {
    [figureAt('cpuMicroseconds', 1024)]: 150,
    [figureAt('deliveriesPerSecond', 1024)]: 50,
    [figureAt('p999Milliseconds', 1000)]: 300,
    [figureAt('p99Milliseconds', 1000)]: 200,
    lost: 0,
  }
  const text = messageTables(sectionOf(figures, 3)).join('\n')
  t.true(text.includes('| 1 KiB to 2 | 150, 1.50× | 100 | 100, 1.00× |'), text)
  t.true(text.includes('| p99.9, 1,000/s to 2 | 300, 3.00× | 100 | 100, 1.00× |'), text)
  t.is(sizeText(65_536), '64 KiB')
})
