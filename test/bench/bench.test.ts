/** The bench itself, end to end, as small as it can be. */

import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { tryIt } from '../../bench/namespace.ts'
import { prepare } from '../../bench/preparation.ts'
import { valuesOf } from '../../bench/results.ts'
import { start } from '../../bench/start.ts'
import { SYSTEM_NAMES, type SystemName } from '../../bench/systems/system.ts'
import { REPOSITORY, TYPESCRIPT } from '../../build/repository.ts'

const NODES = 3
const PAIRS = 3

/** Longer than it takes on a busy machine. */
const LIMIT_SECONDS = 30

test.serial('bench - forms a mesh of each kind, and measures it from outside', async (t) => {
  const connections = {
    fullmesh: PAIRS,
    'bare-ws': PAIRS,
    'bare-wss': PAIRS,
    floor: PAIRS,
    plain: 2 * PAIRS,
    'plain-unbundled': 2 * PAIRS,
  }
  const systems = SYSTEM_NAMES.filter((name) => name in connections)
  const { programs, leftOut } = await prepare(systems)
  t.deepEqual(leftOut, [])
  const what = { kind: 'formation' } as const
  const order = { what, nodes: NODES, programs, limitSeconds: LIMIT_SECONDS }
  const figuresOf = async (system: SystemName) => {
    const result = await tryIt({ ...order, system })
    if (result.kind !== 'figures') throw new Error(`${system}: ${JSON.stringify(result)}`)
    return [system, result.figures] as const
  }
  const all = await Promise.all(systems.map(figuresOf))
  const counted = all.map(([system, figures]) => [system, figures['connections']])
  t.deepEqual(Object.fromEntries(counted), connections)
  for (const [system, figures] of all) {
    if (/^bare|^floor/.test(system)) t.is(figures['wastedDials'], 0)
    t.true((figures['seconds'] ?? 0) > 0)
    t.true((figures['cpuSeconds'] ?? 0) > 0)
    t.true((figures['rssMebibytes'] ?? 0) > 10)
  }
})

test.serial('bench - measures the way back of a node that was killed', async (t) => {
  const { programs } = await prepare(['fullmesh'])
  const what = { kind: 'rejoin', victims: 'seed' } as const
  const limitSeconds = LIMIT_SECONDS
  const result = await tryIt({ what, system: 'fullmesh', nodes: NODES, programs, limitSeconds })
  t.is(result.kind === 'figures' ? result.figures['killed'] : result, 1)
})

test.serial('bench - starts single processes, and weighs them', async (t) => {
  const { programs } = await prepare(['fullmesh'])
  // What the operator has exported must not be measured along: no Node starts with this.
  process.env['NODE_OPTIONS'] = '--no-such-option'
  t.teardown(() => delete process.env['NODE_OPTIONS'])
  const { rows } = await start({ ...programs, other: programs.fullmesh }, 1, () => {})
  const names = rows.map(({ system }) => system)
  t.deepEqual(names, ['node -e 0', 'a line', 'floor', 'bare-ws', 'fullmesh', 'other'])
  for (const row of rows) t.true((valuesOf(row, 'milliseconds')[0] ?? 0) > 0)
  const { size } = statSync(programs.fullmesh)
  for (const row of rows.slice(-2)) {
    t.true((valuesOf(row, 'cpuMilliseconds')[0] ?? 0) > 0)
    t.true((valuesOf(row, 'rssMebibytes')[0] ?? 0) > 10)
    t.deepEqual(valuesOf(row, 'bundleBytes'), [size])
  }
})

test.serial('bench - leaves no folder behind', (t) => {
  t.deepEqual(
    readdirSync(tmpdir()).filter((name) => name.startsWith(`fullmesh-bench-${process.pid}-`)),
    [],
  )
})

test('bench - has all of its options, and refuses a plan in one line', (t) => {
  const options =
    '--quick --write --force --nodes 3 --systems floor --repeat 1 --limit 1 --against x'
  const words = [join('bench', 'main.ts'), 'start', ...options.split(' ')]
  const { status, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, ...words], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  })
  t.is(stderr, 'bench: --quick has its own sizes: use it or --nodes, not both\n')
  t.is(status, 2)
})
