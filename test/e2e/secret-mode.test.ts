/** SECRET_MODE=accept, as processes: how a mesh gets its first secret, and what stays closed. */

import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = `fm1_${'S'.repeat(43)}`

const ACCEPT = { SECRET_MODE: 'accept' }

async function threeNodes(t: ExecutionContext): Promise<readonly NodeProcess[]> {
  const ports = await freePorts(t, 3)
  const knownPeers = ports.map((port) => `ws://localhost:${port}`)
  return await Promise.all(
    ports.map((port) => NodeProcess.create(t, { port, knownPeers, settings: QUICK_TIMINGS })),
  )
}

function giveSecret({ folder }: NodeProcess): void {
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`, { mode: 0o600 })
}

interface Keys {
  readonly keys: readonly { readonly links: number }[] | null
  readonly unproven: number | null
}

async function keysOf({
  port,
}: NodeProcess): Promise<readonly [number | undefined, number | null]> {
  const { keys, unproven }: Keys = await (await fetch(`http://localhost:${port}/peers`)).json()
  return [keys?.[0]?.links, unproven]
}

/** Waits: while two nodes have dialed each other at once, a link more is counted. */
async function hasKeys(
  node: NodeProcess,
  expected: Awaited<ReturnType<typeof keysOf>>,
): Promise<void> {
  let last: unknown
  await waitUntil(
    async () => {
      last = await keysOf(node)
      return isDeepStrictEqual(last, expected)
    },
    () => `${JSON.stringify(expected)}, not ${JSON.stringify(last)}`,
  )
}

test.serial(
  'secret mode - a mesh gets its first secret node by node, and stays complete',
  async (t) => {
    const nodes = await threeNodes(t)
    const [first, second, third] = nodes
    if (!first || !second || !third) return t.fail()
    const restart = async (node: NodeProcess, env: Record<string, string>): Promise<void> => {
      if (node.isRunning) await node.stop()
      await node.start({ env })
      await waitUntilComplete(nodes.filter(({ isRunning }) => isRunning))
    }
    for (const node of nodes) await restart(node, {})
    for (const node of [first, second]) {
      giveSecret(node)
      await restart(node, ACCEPT)
    }
    await t.notThrowsAsync(hasKeys(first, [1, 1]))
    await t.notThrowsAsync(hasKeys(second, [1, 1]))
    await t.notThrowsAsync(hasKeys(third, [undefined, null]))
    t.is(first.eventsOf('secret-used')[0]?.mode, 'accept')
    giveSecret(third)
    await restart(third, ACCEPT)
    await t.notThrowsAsync(hasKeys(first, [2, 0]))
    for (const node of nodes) await restart(node, {})
    for (const node of nodes) await t.notThrowsAsync(hasKeys(node, [2, null]))
    for (const node of nodes) t.deepEqual(node.eventsOf('secret-problem'), [], node.output)
    assertNoUnhandledErrors(t, nodes)
  },
)

test.serial(
  'secret mode - where a peer has proven the secret, nobody else is accepted',
  async (t) => {
    const [node, member] = await threeNodes(t)
    if (!node || !member) return t.fail()
    for (const each of [node, member]) {
      giveSecret(each)
      await each.start({ env: ACCEPT })
    }
    await node.reported('peer-joined', { address: member.address })
    await member.stop()
    const identity = {
      'Mesh-Version': '1',
      'Mesh-Name': 'default',
      'Mesh-Id': 'a'.repeat(32),
      'Mesh-Address': member.address,
    }
    // Another one is still accepted.
    const other = { ...identity, 'Mesh-Address': 'ws://localhost:9', 'Mesh-Id': 'b'.repeat(32) }
    const stranger = new WebSocket(node.address, { headers: other })
    t.teardown(() => stranger.terminate())
    await once(stranger, 'open')
    const impostor = new WebSocket(node.address, { headers: identity })
    t.teardown(() => impostor.terminate())
    const outcome = await new Promise<string>((resolve) => {
      impostor.once('open', () => resolve('open'))
      impostor.once('error', ({ message }) => resolve(message))
    })
    t.regex(outcome, /401/)
    // It has no secret any more, and is dialed where it has proven one.
    rmSync(join(member.folder, 'secret'))
    await member.start()
    await node.reported('secret-problem', { peer: member.address, problem: 'missing-there' })
    t.is(member.connected, 0)
  },
)
