import test from 'ava'
import { type Match, play, taskOf } from '../../bench/rounds.ts'
import type { SystemName } from '../../bench/systems/system.ts'
import type { TrialResult } from '../../bench/trials/trial.ts'

const PROGRAMS = {
  node: '',
  fullmesh: '',
  'bare-ws': '',
  'bare-wss': '',
  floor: '',
  plain: '',
  'plain-unbundled': '',
}

interface Tried {
  readonly system: SystemName
  readonly nodes: number
}

/** Runs with given results, and returns the order of the trials. */
async function playWith(matches: readonly Match[], resultOf: (tried: Tried) => TrialResult) {
  const tried: Tried[] = []
  const outcome = await play(matches, {
    programs: PROGRAMS,
    limitSeconds: 60,
    failures: new Map(),
    tryIt: async ({ system, nodes }) => {
      tried.push({ system, nodes })
      return resultOf({ system, nodes })
    },
    onResult: () => {},
  })
  return { ...outcome, tried }
}

function formationOf(nodes: number, systems: readonly SystemName[], rounds: number): Match {
  return { what: { kind: 'formation' }, nodes, systems, rounds }
}

test('rounds - every round tries all systems, each time another one first', async (t) => {
  const matches = [formationOf(3, ['fullmesh', 'bare-ws'], 2)]
  const figures = { seconds: 1 }
  const { rows, tried } = await playWith(matches, () => ({ kind: 'figures', figures }))
  t.deepEqual(
    tried.map(({ system }) => system),
    ['fullmesh', 'bare-ws', 'bare-ws', 'fullmesh'],
  )
  t.deepEqual(rows[0], {
    task: 'formation',
    system: 'fullmesh',
    nodes: 3,
    figures: { seconds: [1, 1] },
  })
})

test('rounds - a system that is not complete in time is not tried again, and that is reported', async (t) => {
  const matches = [3, 5].map((nodes) => formationOf(nodes, ['fullmesh', 'libp2p'], 2))
  const { rows, tried, leftOut } = await playWith(matches, ({ system }) =>
    system === 'libp2p'
      ? { kind: 'not-complete', connectedShare: 0.5 }
      : { kind: 'figures', figures: { seconds: 1 } },
  )
  t.is(tried.filter(({ system }) => system === 'libp2p').length, 1)
  t.is(rows[1]?.problem, 'not complete in 60 s (50 % of the pairs)')
  t.deepEqual(leftOut, ['formation of 5 libp2p: it was not complete with 3'])
})

test('rounds - a system that failed is not said to have been not complete', async (t) => {
  const matches = [3, 5].map((nodes) => formationOf(nodes, ['plain'], 1))
  const reason = 'it crashed'
  const { rows, leftOut } = await playWith(matches, () => ({ kind: 'left-out', reason }))
  t.is(rows[0]?.problem, 'left out: it crashed')
  t.deepEqual(leftOut, ['formation of 5 plain: it failed with 3'])
})

test('rounds - a system that cannot form a mesh of a size is not tried with it in other tasks', async (t) => {
  const rest = (nodes: number): Match => ({
    what: { kind: 'rest', settleSeconds: 1, seconds: 1 },
    nodes,
    systems: ['libp2p'],
    rounds: 1,
  })
  const matches = [formationOf(5, ['libp2p'], 1), rest(4), rest(5)]
  const { tried, leftOut } = await playWith(matches, ({ nodes }) =>
    nodes === 5
      ? { kind: 'not-complete', connectedShare: 0.5 }
      : { kind: 'figures', figures: { cpuSecondsPerMinute: 1 } },
  )
  t.deepEqual(
    tried.map(({ nodes }) => nodes),
    [5, 4],
  )
  t.deepEqual(leftOut, ['rest of 5 libp2p: it was not complete with 5'])
})

test('rounds - a figure that one round lacks is null, so that pairs stay pairs', async (t) => {
  let round = 0
  const { rows } = await playWith([formationOf(3, ['plain'], 2)], () => {
    round += 1
    const figures = round === 1 ? { seconds: 1 } : { seconds: 2, wholeSeconds: 3 }
    return { kind: 'figures', figures }
  })
  t.deepEqual(rows[0]?.figures, { seconds: [1, 2], wholeSeconds: [null, 3] })
})

test('rounds - a mesh for which the machine is too small is left out, and that is reported', async (t) => {
  const { tried, leftOut } = await playWith([formationOf(1e7, ['bare-ws'], 1)], () => {
    throw new Error('tried')
  })
  t.is(tried.length, 0)
  t.regex(leftOut[0] ?? '', /^formation of 10000000: /)
})

test('rounds - each kind of victim is a task of its own', (t) => {
  t.is(taskOf({ kind: 'rejoin', victims: 'half' }), 'rejoin half')
  t.is(taskOf({ kind: 'rest', settleSeconds: 1, seconds: 1 }), 'rest')
})
