/**
 * Strangers that send more than anybody needs to, or hold what a node has little of. Honest peers
 * stay, others join, and the node answers meanwhile.
 */

import test, { type ExecutionContext } from 'ava'
import { CONNECTS_BURST } from '../../src/io/limits.ts'
import type { AttackOrder } from '../attack/main.ts'
import { attack, Child } from '../helpers/child.ts'
import { Lan } from '../helpers/lan.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { residentMibOf } from '../helpers/resident.ts'
import { endsTo } from '../helpers/socket-table.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001

/** The most that /health may take while an attack lasts, in ms. */
const HEALTH_MS_MAX = 1_000

/** Answers to wait for, some 4 s, and the last ones of them that are that quick. */
const ANSWERS = 12
const QUICK_ANSWERS = 6

/** For those, on a slow machine that runs other tests meanwhile, in ms. */
const WITHIN_MS = 150_000

/** For an attack to be at full strength, some 2 s, on such a machine, in ms. */
const STRENGTH_MS = 40_000

const TEST_MS_MAX = WITHIN_MS + 60_000

/**
 * The most that the kernel may hold in memory for a node, in MiB. Without an attack it is 50, and
 * 180 while messages that do not end fill what they may.
 */
const RESIDENT_MIB_MAX = 200

/** More than twice as many as may hold a message of the most bytes that does not end. */
const LINKS = 300

/** Enough to open all of them at once. */
const IPS = Math.ceil(LINKS / CONNECTS_BURST)

/** What one IP opens at once. */
const LINKS_OF_IP = 200

/** 20 links that are as fast as a link of 136 Mbit/s each. */
const FLOOD = { attack: 'flood', links: 20, bytesPerSecond: 17_000_000 } as const

type Attack = (target: AttackOrder['target'], from: readonly string[]) => AttackOrder

const RATE = 'rate limit exceeded'

const MEMORY = 'message does not end, and memory is full'

/**
 * Each with the reasons for which its links are closed with 4009 once the attack is at full
 * strength. None: it is once all links are accepted.
 */
const ATTACKS: readonly (readonly [what: string, attack: Attack, ...reasons: string[]])[] = [
  ['pongs', (target) => ({ ...FLOOD, frame: 'pong', target }), RATE],
  // They may fill the memory before they exceed the rate.
  ['fragments', (target) => ({ ...FLOOD, frame: 'fragment', target }), RATE, MEMORY],
  [
    'requests whose answers they do not read',
    (target, from) => ({ attack: 'askWithoutReading', links: LINKS, everyMs: 550, target, from }),
  ],
  [
    'pings whose answers they do not read',
    (target) => ({ attack: 'pingWithoutReading', links: LINKS_OF_IP, everyMs: 200, target }),
    RATE,
  ],
  [
    'messages that they do not end',
    (target, from) => ({ attack: 'sendHalfFrames', links: LINKS, target, from }),
    MEMORY,
  ],
]

for (const [what, order, ...reasons] of ATTACKS) {
  test.serial(`floods - links of one stranger that send ${what}`, async (t) => {
    t.timeout(TEST_MS_MAX)
    const lan = Lan.create(t, 4)
    const [victim, other, newcomer, stranger] = lan.hosts
    if (!victim || !other || !newcomer || !stranger) return t.fail()
    const settings = { HTTP_ALLOW: '10.77.0.0/24' }
    const run = (host: typeof victim, knownPeers: readonly string[]) => {
      const { ip, runtime } = host
      const own = { ADDRESS: `ws://${ip}:${PORT}`, ...settings }
      return NodeProcess.start(t, { port: PORT, knownPeers, runtime, settings: own })
    }
    const node = await run(victim, [])
    const friend = await run(other, [node.address])
    await node.reported('peer-joined', { address: friend.address })

    const from = lan.addIps(stranger, IPS)
    attack(t, order({ host: victim.ip, port: PORT }, from), stranger.runtime)
    const isClosed = (): boolean =>
      [...node.eventsOf('link-refused'), ...node.eventsOf('peer-left')].some(
        ({ ending }) => ending.code === 4009 && reasons.includes(ending.reason),
      )
    const areAccepted = (): boolean => endsTo([PORT], node.pid).accepted >= LINKS
    await waitUntil(
      reasons.length > 0 ? isClosed : areAccepted,
      () => `an attack at full strength\n${node.output}`,
      STRENGTH_MS,
    )
    await assertAnswers(t, node, `http://${victim.ip}:${PORT}/health`, other.runtime)
    const late = await run(newcomer, [node.address])
    await late.reported('peer-joined', { address: node.address })

    t.deepEqual(friend.eventsOf('peer-left'), [], `${node.output}${friend.output}`)
    assertNoUnhandledErrors(t, [node, friend, late])
  })
}

test.serial('floods - silent sockets that take all places', async (t) => {
  t.timeout(TEST_MS_MAX)
  const node = await NodeProcess.start(t)
  const from = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']
  const target = { host: '127.0.0.1', port: node.port }
  const silent = attack(t, { attack: 'holdSilently', count: 1_600, from, target })
  await waitUntil(
    () => silent.matches(/opened (\d+)/).some(([, count]) => Number(count) > 1_600),
    () => `more connections than there are places\n${silent.output}`,
  )
  await assertAnswers(t, node, `http://127.0.0.1:${node.port}/health`)
  assertNoUnhandledErrors(t, [node])
})

/** The node answers quickly for long enough, and takes no more memory than it may. */
async function assertAnswers(
  t: ExecutionContext,
  node: NodeProcess,
  url: string,
  runtime?: Parameters<typeof Child.start>[2],
): Promise<void> {
  const probe = Child.start(t, ['test/helpers/health-probe.mjs', url], runtime)
  let residentMib = 0
  await waitUntil(
    () => {
      residentMib = Math.max(residentMib, residentMibOf(node))
      const answers = probe.matches(/^health (\S+) (\d+)$/)
      const isQuick = ([, status, ms]: RegExpExecArray): boolean =>
        status === '200' && Number(ms) < HEALTH_MS_MAX
      return answers.length >= ANSWERS && answers.slice(-QUICK_ANSWERS).every(isQuick)
    },
    () => `${QUICK_ANSWERS} quick answers in a row, got\n${probe.output}`,
    WITHIN_MS,
  )
  t.log(`${residentMib} MiB`)
  t.true(residentMib < RESIDENT_MIB_MAX, `${residentMib} MiB`)
}
