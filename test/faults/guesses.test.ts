/**
 * Strangers that try wrong proofs without a pause, from the machine of the node, where no rate
 * limits them. 100,000, which take minutes: `GUESSES=100000 npx ava test/faults/guesses.test.ts`.
 */

import { readFileSync } from 'node:fs'
import test from 'ava'
import { attack } from '../helpers/child.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { residentMibOf } from '../helpers/resident.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const GUESSES = Number(process.env['GUESSES'] ?? 1_000)

/** For those, in ms: 10 ms each, and the start of processes on a busy machine. */
const WITHIN_MS = 30_000 + GUESSES * 10

/** The most that the kernel may hold in memory for a node, in MiB. Without an attack it is 50. */
const RESIDENT_MIB_MAX = 200

/** Of a clock tick of the kernel, in ms (`getconf CLK_TCK`). */
const TICK_MS = 10

test.serial(
  'guesses - wrong proofs without a pause keep nobody out, and take little memory',
  async (t) => {
    t.timeout(WITHIN_MS + 30_000)
    const settings = { SECRET: `fm1_${'s'.repeat(43)}` }
    const node = await NodeProcess.start(t, { settings })
    const join = async (): Promise<NodeProcess> => {
      const peer = await NodeProcess.start(t, { settings, knownPeers: [node.address] })
      await peer.reported('peer-joined', { address: node.address })
      return peer
    }
    const friend = await join()
    const cpuMsBefore = cpuMsOf(node)
    const target = { host: '127.0.0.1', port: node.port }
    const guessing = attack(t, { attack: 'guess', target, links: 64 })
    const opened = () => Number(guessing.matches(/^opened (\d+)$/).at(-1)?.[1] ?? 0)
    await waitUntil(
      () => opened() > 0,
      () => guessing.output,
    )
    const newcomer = await join()
    await waitUntil(
      () => opened() >= GUESSES,
      () => guessing.output,
      WITHIN_MS,
    )
    const residentMib = residentMibOf(node)
    const each = (cpuMsOf(node) - cpuMsBefore) / opened()
    t.log(`${opened()} wrong proofs: ${each.toFixed(2)} ms of CPU each, ${residentMib} MiB`)
    t.true(residentMib < RESIDENT_MIB_MAX, `${residentMib} MiB`)
    t.deepEqual(friend.eventsOf('peer-left'), [])
    t.is(node.eventsOf('secret-problem').length, 1, 'one line for all of them')
    assertNoUnhandledErrors(t, [node, friend, newcomer])
  },
)

/** What it has taken so far of the processor. */
function cpuMsOf({ pid }: NodeProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the name of the program, which may have spaces: user and system are fields 14 and 15.
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')'))
    .split(' ')
    .slice(12, 14)
    .map(Number)
  return (user + system) * TICK_MS
}
