/** A node that has used up its file descriptors: it says so, keeps what it has, and recovers. */

import { readdirSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { RawCall } from '../helpers/caller.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Twice what a node needs to start. */
const DESCRIPTORS_MAX = 48

const limitedTo = (limit: number): Runtime => {
  return ['sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...NODE]
}

/** PendingConnections may keep us waiting for longer than the test takes. */
const SETTINGS = { ...QUICK_TIMINGS, HANDSHAKE_TIMEOUT_MS: '60000', LOG_LEVEL: 'debug' }

test.serial(
  'descriptors - a node without any says so, keeps its links, and recovers',
  async (t) => {
    const friend = await NodeProcess.start(t, { settings: SETTINGS })
    const late = await NodeProcess.create(t, { settings: SETTINGS, knownPeers: [friend.address] })
    const node = await NodeProcess.start(t, {
      knownPeers: [friend.address, late.address],
      settings: SETTINGS,
      runtime: limitedTo(DESCRIPTORS_MAX),
    })
    await waitUntilComplete([node, friend])

    const strangers = await useUpDescriptors(t, node)
    // The newcomer learns of the node from its friend.
    await late.start()
    await late.reported('dial-failed', { address: node.address })
    t.true(node.isRunning)
    t.deepEqual(node.eventsOf('peer-left'), [])

    for (const stranger of strangers) stranger.socket.destroy()
    await t.notThrowsAsync(waitUntilComplete([node, friend, late]))
    t.is(node.eventsOf('no-descriptors').length, 1, node.output)
    assertNoUnhandledErrors(t, [node, friend, late])
  },
)

test.serial('descriptors - a node that has too few to start says so in one line', async (t) => {
  const lines: string[] = []
  // Node itself needs some, how many depends on its version; it reads the script before we run.
  for (let limit = 16; limit < DESCRIPTORS_MAX; limit += 1) {
    const node = await NodeProcess.create(t, { runtime: limitedTo(limit) })
    node.launch()
    await waitUntil(
      () => !node.isRunning || node.eventsOf('listening').length > 0,
      () => node.output,
    )
    if (node.isRunning) break
    const { code, stderr } = await node.exit
    if (code === 1 && stderr.includes(`may have ${limit};`)) lines.push(stderr)
    else t.notRegex(stderr, /listen EMFILE/)
  }
  t.true(lines.length > 0)
  for (const line of lines) t.regex(line, /^no file descriptors left, [^\n]+ \(ulimit -n 4096\)\n$/)
})

/**
 * Connects to a node until it has no descriptor left, not even for a dial, and says so. The last
 * one can be that of a dial, which gives it back a moment later: who came meanwhile was dropped.
 */
async function useUpDescriptors(
  t: ExecutionContext,
  node: NodeProcess,
): Promise<readonly RawCall[]> {
  const strangers: RawCall[] = []
  await waitUntil(
    async () => {
      strangers.push(await RawCall.open(t, node.port, ''))
      const { length } = readdirSync(`/proc/${node.pid}/fd`)
      const cannotDial = node
        .eventsOf('dial-failed')
        .some(({ reason }) => /descriptors/.test(String(reason)))
      return length >= DESCRIPTORS_MAX && node.eventsOf('no-descriptors').length > 0 && cannotDial
    },
    () => `no descriptor is left, and a warning\n${node.output}`,
  )
  // More than it can take: these are accepted by the kernel only, and wait or are dropped.
  for (let more = 0; more < 10; more += 1) strangers.push(await RawCall.open(t, node.port, ''))
  return strangers
}
