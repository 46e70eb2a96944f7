/** `npm run soak`, in short, and what it judges by. */

import test from 'ava'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import type { TableSocket } from '../helpers/socket-table.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { wrongPairs } from '../soak/judge.ts'
import { growths, messageSoak } from '../soak/message-soak.ts'
import { planFor } from '../soak/plan.ts'
import { soak } from '../soak/soak.ts'

const NODES = 8

/** How long faults begin, in ms; long enough that partitions break links. */
const FOR_MS = 10_000

/** More than the soak waits for by itself, in ms: ava's own timeout would skip teardowns. */
const TEST_MS_MAX = 400_000

/** The same for messages, of which nothing comes for so long at most, in ms. */
const MESSAGES_MS_MAX = 240_000
const STANDSTILL_MS = 40_000

/** Its plan has faults of all kinds. */
const SEED = 13

test.serial('soak - a mesh is complete after kills, stops and partitions at random', async (t) => {
  t.timeout(TEST_MS_MAX)
  const plan = planFor(SEED, NODES, FOR_MS)
  const kinds = new Set(plan.map(({ kind }) => kind))
  t.deepEqual([...kinds].sort(), ['SIGKILL', 'SIGSTOP', 'SIGTERM', 'partition'])
  const print = (line: string): void => t.log(line)
  const options = { nodes: NODES, plan, forMs: FOR_MS, settings: QUICK_TIMINGS, print }
  const { members, wrong } = await soak(t, options)
  const nodes = members.map(({ node }) => node)
  t.deepEqual(wrong, [], nodes.map((node) => node.history).join('\n'))
  assertNoUnhandledErrors(t, nodes)
})

test('soak - messages through three nodes come once', async (t) => {
  t.timeout(MESSAGES_MS_MAX)
  const lines: string[] = []
  const print = (line: string): void => void lines.push(line)
  const options = { messages: 3_000, standstillMs: STANDSTILL_MS, print }
  t.deepEqual(await messageSoak(t, options), [])
  t.regex(lines.at(-1) ?? '', /^100 %/)
})

test('soak - memory that grows in the second half of the messages is told', (t) => {
  const looks = (...residentMib: readonly number[]) =>
    residentMib.map((mib, index) => ({
      atMs: index,
      received: 100 * (index + 1),
      residentMib: [100, mib],
    }))
  t.deepEqual(growths(looks(50, 80, 100, 100, 100, 100, 114, 115)), [])
  t.deepEqual(growths(looks(50, 80, 100, 100, 100, 100, 114, 116)), [
    'node 2 grew from 100 to 116 MiB',
  ])
})

test('soak - one seed is one plan', (t) => {
  t.deepEqual(planFor(7, 40, 300_000), planFor(7, 40, 300_000))
  t.notDeepEqual(planFor(7, 40, 300_000), planFor(8, 40, 300_000))
})

const IPS = ['10.0.0.1', '10.0.0.2'] as const
const PORT = 4001

/** Both ends of a connection. */
function connection(from: string, fromPort: number, to: string): readonly TableSocket[] {
  const [dialer, acceptor] = [
    { ip: from, port: fromPort },
    { ip: to, port: PORT },
  ]
  return [
    { local: dialer, remote: acceptor },
    { local: acceptor, remote: dialer },
  ]
}

const HERE = connection(IPS[0], 50_000, IPS[1])
const THERE = connection(IPS[1], 50_000, IPS[0])
const HERE_NAME = '10.0.0.1:50000 > 10.0.0.2:4001'
const THERE_NAME = '10.0.0.2:50000 > 10.0.0.1:4001'

for (const [what, sockets, connections] of [
  ['one connection', HERE, undefined],
  ['no connection', [], []],
  ['two connections', [...HERE, ...THERE], [HERE_NAME, THERE_NAME]],
  ['half a connection', HERE.slice(0, 1), [`${HERE_NAME} half`]],
] as const) {
  test(`soak - a pair with ${what} is ${connections ? 'wrong' : 'right'}`, (t) => {
    const expected = connections === undefined ? [] : [{ ips: IPS, connections }]
    t.deepEqual(wrongPairs(IPS, sockets, PORT), expected)
  })
}
