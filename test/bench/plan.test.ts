/** What the words of the command line measure. */

import test from 'ava'
import { aimsOf } from '../../bench/aims.ts'
import { matchesOf, readPlan, systemsOf } from '../../bench/plan.ts'
import type { Row, Section, SectionName } from '../../bench/results.ts'
import { taskOf } from '../../bench/rounds.ts'
import { EXIT_USAGE, ToolError } from '../../build/command-line.ts'

const MESSAGES = {
  kind: 'messages',
  sizes: [16],
  burstSeconds: 1,
  paces: [],
  hasAbsence: false,
} as const

function planOf(words: {
  readonly flags?: readonly string[]
  readonly values?: Readonly<Record<string, string>>
  readonly operands?: readonly string[]
}) {
  const { flags = [], values = {}, operands = [] } = words
  return readPlan({ flags: new Set(flags), values: new Map(Object.entries(values)), operands })
}

/** Results with all figures that aims are made of, for everything that the plan measures. */
function resultsOf(plan: ReturnType<typeof planOf>) {
  const figuresOf = (system: string, nodes: number): Row['figures'] => ({
    seconds: [system === 'nats-server' ? 2 : 1],
    cpuSeconds: [1],
    milliseconds: [1],
    corePercentPerNode: [1],
    heapBytes: [nodes],
    'deliveriesPerSecond 16': [1],
    'deliveriesPerSecond 1024': [1],
    'cpuMicroseconds 16': [1],
    'p99Milliseconds 100': [1],
    lost: [0],
  })
  const sectionOf = (name: SectionName): Section => {
    const matched = matchesOf(name, plan).flatMap(({ what, nodes, systems }) =>
      systems.map((system) => ({ task: taskOf(what), system, nodes })),
    )
    const started = ['node -e 0', 'fullmesh'].map((system) => ({ task: name, system, nodes: 1 }))
    const keys = name === 'start' ? started : matched
    const rows = keys.map((key) => ({ ...key, figures: figuresOf(key.system, key.nodes) }))
    const machine = { cores: 2, memoryGibibytes: 1, kernel: '', node: '', loadAtStart: 0 }
    return { machine, measured: '', rounds: 1, rows, leftOut: [] }
  }
  return Object.fromEntries(plan.sections.map((name) => [name, sectionOf(name)]))
}

for (const flags of [[], ['--quick']]) {
  test(`plan - ${flags.join() || 'the whole bench'} measures every aim`, (t) => {
    const aims = aimsOf(resultsOf(planOf({ flags })))
    t.deepEqual(
      aims.filter(({ worst }) => worst === undefined),
      [],
    )
  })
}

test('plan - quick needs no libp2p, and is written only on request', (t) => {
  const plan = planOf({ flags: ['--quick'] })
  t.false(systemsOf(plan).includes('libp2p'))
  t.false(plan.isWritten)
  t.true(planOf({ flags: ['--quick', '--write'] }).isWritten)
  t.true(planOf({}).isWritten)
  t.false(planOf({ operands: ['rest'] }).isWritten)
})

test('plan - messages are what their aims and the others need', (t) => {
  const quick = systemsOf(planOf({ operands: ['messages'], flags: ['--quick'] }))
  t.deepEqual(quick, ['fullmesh', 'ws-joined', 'nats-server'])
  t.true(systemsOf(planOf({ operands: ['messages'] })).includes('gossipsub'))
  t.is(taskOf({ ...MESSAGES, publishers: 'all' }), 'messages of all')
})

test('plan - chosen sizes, systems and rounds hold for every section', (t) => {
  const values = { '--nodes': '4', '--systems': 'floor', '--repeat': '2' }
  const plan = planOf({ operands: ['formation'], values })
  const what = { kind: 'formation' } as const
  t.deepEqual(matchesOf('formation', plan), [{ what, nodes: 4, systems: ['floor'], rounds: 2 }])
})

for (const [words, message] of [
  [{ operands: ['speed'] }, /^section must be one of start, .*, got 'speed'$/],
  [{ values: { '--systems': 'nats' } }, /^system must be one of .*, got 'nats'$/],
  [{ values: { '--nodes': '3,x' } }, /^count must be an integer from 1 to 10000, got 'x'$/],
  [{ values: { '--against': 'no.js' } }, /^--against must be .*, there is no 'no\.js'$/],
  [{ values: { '--systems': 'other' } }, /^system 'other' needs --against, the path of its file$/],
  [
    { flags: ['--quick'], values: { '--nodes': '10' } },
    /^--quick has its own sizes: use it or --nodes, not both$/,
  ],
  // Its table would be written without rows.
  [{ flags: ['--quick'], operands: ['profile'] }, /^--quick measures no profile: leave it out$/],
  [{ flags: ['--write'], values: { '--against': 'x' } }, /^use --against or --write, not both$/],
] as const) {
  test(`plan - refuses ${JSON.stringify(words)}`, (t) => {
    const error = t.throws(() => planOf(words), { instanceOf: ToolError, message })
    t.is(error?.exitCode, EXIT_USAGE)
  })
}
