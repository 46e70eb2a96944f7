import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { aimsOf, isMet, writeAims } from '../../bench/aims.ts'
import { drawChart, ticksFor } from '../../bench/chart.ts'
import { describeMove, hasMoved, movesBetween } from '../../bench/comparison.ts'
import { failuresOf } from '../../bench/failures.ts'
import { drawFigures } from '../../bench/figures.ts'
import { writeHeadline } from '../../bench/headline.ts'
import { fillPage } from '../../bench/page.ts'
import { reportOf } from '../../bench/report.ts'
import { type Results, type Row, readResults, type Section } from '../../bench/results.ts'
import { writeTables } from '../../bench/tables.ts'
import { REPOSITORY } from '../../build/repository.ts'

const COMMITTED = readResults(join(REPOSITORY, 'bench', 'results', 'latest.json'))

const MACHINE = { cores: 2, memoryGibibytes: 24, kernel: '6', node: 'v20', loadAtStart: 0 }

function section(rows: readonly Row[]): Section {
  const measured = '2026-11-25'
  return { machine: MACHINE, commit: 'abc1234', measured, rounds: 3, rows, leftOut: [] }
}

function formation(system: string, nodes: number, seconds: readonly (number | null)[]): Row {
  return { task: 'formation', system, nodes, figures: { seconds } }
}

const RESULTS: Results = {
  formation: section([
    formation('fullmesh', 10, [1.2, 1.3, 1.1]),
    formation('bare-ws', 10, [1, 1, 1]),
    formation('fullmesh', 100, [6, 6, 6]),
    formation('bare-ws', 100, [5, 5, 5]),
    formation('plain', 100, [12, 12, 12]),
    { ...formation('libp2p', 100, []), problem: 'not complete in 60 s (40 % of the pairs)' },
  ]),
}

test('failures - a Fullmesh that is not complete, or that loses messages', (t) => {
  t.deepEqual(failuresOf(RESULTS), [])
  const problem = 'not complete in 60 s (40 % of the pairs)'
  const rows = ['fullmesh', 'fullmesh-wss'].map((system) => formation(system, 10, []))
  const formed = section(rows.map((row) => ({ ...row, problem })))
  const row = { task: 'messages of one', system: 'fullmesh', nodes: 3 }
  const messages = (lost: number, wrong: number): Section =>
    section([{ ...row, figures: { lost: [0, lost], wrong: [wrong] } }])
  t.deepEqual(failuresOf({ formation: formed, messages: messages(2, 1) }), [
    `formation of 10 fullmesh: ${problem}`,
    `formation of 10 fullmesh-wss: ${problem}`,
    '3 messages lost, twice or out of order',
  ])
  t.deepEqual(failuresOf({ messages: messages(0, 0) }), [])
})

test('comparison - reports what is outside of the spread of before', (t) => {
  const slower: Results = {
    formation: section([
      formation('fullmesh', 10, [1.8, 1.9, 1.85]),
      formation('bare-ws', 10, [1, 1, 1]),
    ]),
  }
  const moves = movesBetween(RESULTS, slower)
  t.deepEqual(moves.map(describeMove), [
    'formation of 10 fullmesh: seconds, times bare-ws 1.2 → 1.85 (+54 %)',
  ])
})

test('comparison - a machine that is twice as slow for all moves nothing', (t) => {
  const slow = section([
    formation('fullmesh', 10, [2.4, 2.6, 2.2]),
    formation('bare-ws', 10, [2, 2, 2]),
  ])
  t.deepEqual(movesBetween(RESULTS, { formation: slow }), [])
})

test('comparison - counts move by more than a hundredth, and only then', (t) => {
  const summaryOf = (value: number) => ({
    median: value,
    quartiles: [value, value] as const,
    count: 1,
  })
  t.false(hasMoved(summaryOf(1000), summaryOf(1010)))
  t.true(hasMoved(summaryOf(1000), summaryOf(1011)))
  t.true(hasMoved(summaryOf(1000), summaryOf(900)))
})

test('tables - a cell has the median, the ratio to bare-ws, and its spread', (t) => {
  const text = writeTables(RESULTS)
  t.true(text.includes('1.20, 1.20× (1.15–1.25)'), text)
  t.true(text.includes('not complete in 60 s (40 % of the pairs)'))
})

test('tables - the start of a process has a ratio to the start of an empty script', (t) => {
  const row = (system: string, figures: Row['figures']): Row => ({
    task: 'start',
    system,
    nodes: 1,
    figures,
  })
  const text = writeTables({
    start: section([
      row('node -e 0', { milliseconds: [40, 50] }),
      row('fullmesh', { milliseconds: [80, 150], rssMebibytes: [47, 49], bundleBytes: [554_271] }),
    ]),
  })
  t.true(text.includes('| node -e 0 | 45 |  |  |  |  |  |'), text)
  t.true(text.includes('| fullmesh | 115 | 2.50× (2.25–2.75) |  | 48 |  | 554,271 |'), text)
})

test('tables - the exponent of growth is beside the expected one', (t) => {
  // Beyond 1,000 nodes it is another: a HANDSHAKE names no more of them.
  const rows = [10, 100, 1000, 2000].map(
    (nodes): Row => ({
      task: 'growth',
      system: 'simulator',
      nodes,
      figures: {
        dialsPerNode: [nodes / 2],
        handshakesPerNode: [nodes],
        handshakeBytesPerNode: [nodes * Math.min(nodes, 1000)],
        connectedAddresses: [nodes - 1],
        virtualSeconds: [1],
      },
    }),
  )
  const text = writeTables({ growth: section(rows) })
  t.true(text.includes('| 1,000 | 500 | 1,000 | 1,000,000 | 999 | 1 |'), text)
  t.true(
    text.includes('| **exponent** up to 1,000 nodes | 1.00 | 1.00 | 2.00 | 1.02 | 0.00 |'),
    text,
  )
  t.true(text.includes('| expected up to 1,000 nodes | 1 | 1 | 2 | 1 | 0 |'), text)
})

test('aims - the worst size counts, and what was not measured is not met', (t) => {
  const found = aimsOf(RESULTS).flatMap(({ name, worst }) => (worst ? [[name, worst]] : []))
  t.deepEqual(Object.fromEntries(found), {
    plain: { value: 0.5, where: 'seconds of 100' },
    'bare-ws': { value: 1.2, where: 'seconds of 10' },
    'bare-ws, better': { value: 1.2, where: 'seconds of 10' },
  })
  const text = writeAims(RESULTS)
  t.true(text.includes('| 0.95 | 0.5 | seconds of 100 | met |'), text)
  t.true(text.includes('| 1 | 1.2 | seconds of 10 | **not met** |'), text)
  t.true(writeAims({}).includes('not measured'))
})

test('aims - CPU counts as time does, and nats-server only where bare-ws is faster', (t) => {
  const row = (system: string, nodes: number, seconds: number, cpuSeconds: number): Row => ({
    task: 'formation',
    system,
    nodes,
    figures: { seconds: [seconds], cpuSeconds: [cpuSeconds] },
  })
  const aims = aimsOf({
    formation: section([
      ...[row('fullmesh', 20, 3, 3), row('bare-ws', 20, 2, 2), row('nats-server', 20, 1, 1)],
      ...[row('fullmesh', 50, 3, 5), row('bare-ws', 50, 2, 2), row('nats-server', 50, 4, 1)],
    ]),
  })
  const worstOf = (name: string) => aims.find((aim) => aim.name === name)?.worst
  t.deepEqual(worstOf('bare-ws'), { value: 2.5, where: 'CPU of 50' })
  t.deepEqual(worstOf('nats-server'), { value: 0.75, where: 'seconds of 50' })
})

test('aims - what a secret costs, and TLS beside TLS that is bare', (t) => {
  const row = (system: string, seconds: number): Row => {
    return { task: 'formation', system, nodes: 10, figures: { seconds: [seconds] } }
  }
  const aims = aimsOf({
    formation: section([
      ...[row('fullmesh', 3), row('fullmesh-secret', 3.3), row('fullmesh-wss', 9)],
      ...[row('bare-ws', 2), row('bare-wss', 4)],
    ]),
  })
  const worstOf = (name: string) => aims.find((aim) => aim.name === name)?.worst?.value
  t.is(worstOf('secret')?.toFixed(3), '1.100')
  t.is(worstOf('wss'), 1.5)
})

test('aims - the page has a reason for each that is not met', (t) => {
  const page = readFileSync(join(REPOSITORY, 'bench', 'README.md'), 'utf8')
  const missed = aimsOf(COMMITTED).filter((aim) => isMet(aim) === false)
  const without = missed.filter(({ name }) => !page.includes(`\n- **${name}**`))
  t.deepEqual(
    without.map(({ name }) => name),
    [],
  )
})

test('headline - a formation in times of bare-ws, and its own seconds', (t) => {
  const text = writeHeadline(RESULTS)
  t.true(text.includes('| fullmesh | 1.20× | 1.20× |'), text)
  t.true(text.includes('| bare-ws | 1 s | 5 s |'), text)
  t.true(text.includes('| plain |  | 2.40× |'), text)
  t.true(text.includes('Commit abc1234, 2026-11-25; 2 of 19 aims are met.'), text)
})

test('headline - a system that failed is not said to have been not complete', (t) => {
  const problems = ['not complete in 240 s (97 % of the pairs)', 'left out: it crashed']
  const rows = problems.map((problem, index) => {
    return { ...formation('nats-server', [10, 20][index] ?? 0, []), problem }
  })
  const text = writeHeadline({ formation: section(rows) })
  t.true(text.includes('| nats-server | not complete | failed |'), text)
})

test('figures - every system that was measured at two sizes is a line', (t) => {
  const figures = drawFigures(RESULTS)
  t.deepEqual(Object.keys(figures), ['formation-seconds.svg'])
  const svg = figures['formation-seconds.svg'] ?? ''
  for (const name of ['fullmesh', 'bare-ws', 'plain']) t.true(svg.includes(`>${name}</text>`), name)
  t.false(svg.includes('NaN'))
})

test('chart - escapes what people wrote', (t) => {
  const points = [
    { x: 1, y: 1 },
    { x: 10, y: 10 },
  ]
  const series = [{ name: 'a < b & c', colour: '#000', points }]
  const svg = drawChart({ title: '<>', xLabel: '', yLabel: '', series })
  t.true(svg.includes('a &lt; b &amp; c'))
  t.true(svg.includes('<title>&lt;&gt;</title>'))
})

test('chart - names of lines that end at one place do not overlap', (t) => {
  const points = [
    { x: 1, y: 1 },
    { x: 10, y: 10 },
  ]
  const series = ['one', 'two', 'three'].map((name) => ({ name, colour: '#000', points }))
  const svg = drawChart({ title: '', xLabel: '', yLabel: '', series })
  const places = [...svg.matchAll(/y="([\d.]+)"[^>]*>(?:one|two|three)</g)].map(([, y]) => y)
  t.is(new Set(places).size, 3)
})

test('chart - the ticks of an axis enclose its values', (t) => {
  t.deepEqual(ticksFor([0.3, 12]), [0.2, 0.5, 1, 2, 5, 10, 20])
  t.deepEqual(ticksFor([1, 10]), [1, 2, 5, 10])
  const wide = ticksFor([3, 4_000_000])
  t.true((wide[0] ?? 9) <= 3 && (wide.at(-1) ?? 0) >= 4_000_000 && wide.length < 12, String(wide))
  t.throws(() => ticksFor([0, 1]), { instanceOf: RangeError })
})

test('page - the text between the marks is replaced, the rest is not', (t) => {
  const page = 'a <!-- x --> old <!-- end of x --> b'
  const filled = fillPage(page, { x: 'new' })
  t.is(filled, 'a <!-- x -->\n\nnew\n\n<!-- end of x --> b')
  t.is(fillPage(filled, { x: 'new' }), filled)
  t.throws(() => fillPage('no marks', { x: 'new' }), { message: /marks of x/ })
})

test('report - what is committed was made from the raw figures beside it', (t) => {
  const report = reportOf(COMMITTED)
  t.true(Object.keys(report).length > 1)
  for (const [path, text] of Object.entries(report)) t.is(readFileSync(path, 'utf8'), text)
})
