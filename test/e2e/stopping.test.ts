/** How a node stops: with close frames, soon, and whatever its peers do. */

import test, { type ExecutionContext } from 'ava'
import { CLOSE_TIMEOUT_MS } from '../../src/io/limits.ts'
import { call, RawCall, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { SilentServer } from '../helpers/silent-server.ts'
import { waitUntil, waitUntilQuick } from '../helpers/wait-until.ts'

/** The documented limit for a stop. */
const STOP_MS_MAX = 1_000

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(
    `stopping - ${signal} closes every link with 1001 and ends with exit code 0`,
    async (t) => {
      await waitUntilQuick(async () => {
        const peer = await PlainPeer.start(t)
        const node = await NodeProcess.start(t, { knownPeers: [peer.address] })
        const caller = await call(t, node.address)
        await node.reported('peer-joined', { connected: 1 })
        const { call: link } = peer
        const tookMs = await stopped(t, node, signal)
        const goodbye = { code: 1001, reason: 'node stops' }
        t.deepEqual(await link?.closed(), goodbye)
        t.deepEqual(await caller.closed(), goodbye)
        return tookMs
      }, STOP_MS_MAX)
    },
  )
}

test.serial('stopping - a node among nodes leaves them with 1001', async (t) => {
  await waitUntilQuick(async () => {
    const stays = await NodeProcess.start(t)
    const leaves = await NodeProcess.start(t, { knownPeers: [stays.address] })
    await leaves.reported('peer-joined', { connected: 1 })
    await stays.reported('peer-joined', { connected: 1 })
    const tookMs = await stopped(t, leaves, 'SIGTERM')
    const ending = { by: 'peer', code: 1001, reason: 'node stops' } as const
    await stays.reported('peer-left', { ending, connected: 0 })
    return tookMs
  }, STOP_MS_MAX)
})

test.serial('stopping - does not wait for a peer that answers no close frame', async (t) => {
  await waitUntilQuick(async () => {
    const { node, mute } = await nodeWithMutePeer(t)
    const tookMs = await stopped(t, node, 'SIGTERM')
    t.true(tookMs > 0.9 * CLOSE_TIMEOUT_MS, `gave the peer only ${tookMs} ms`)
    await waitUntil(
      () => mute.isClosed,
      () => 'the end of the connection',
    )
    return tookMs
  }, STOP_MS_MAX)
})

test.serial('stopping - does not wait for a dial that hangs', async (t) => {
  await waitUntilQuick(async () => {
    const hanging = await SilentServer.start(t)
    const node = await NodeProcess.start(t, { knownPeers: [hanging.address] })
    await waitUntil(
      () => hanging.calls > 0,
      () => node.output,
    )
    return stopped(t, node, 'SIGINT')
  }, STOP_MS_MAX)
})

test.serial('stopping - does not wait for half a request', async (t) => {
  await waitUntilQuick(async () => {
    const node = await NodeProcess.start(t)
    await RawCall.open(t, node.port, 'GET / HTTP/1.1\r\n')
    return stopped(t, node, 'SIGTERM')
  }, STOP_MS_MAX)
})

test.serial('stopping - a second Ctrl-C ends the node at once', async (t) => {
  await waitUntilQuick(async () => {
    const { node } = await nodeWithMutePeer(t)
    node.signal('SIGINT')
    await node.reported('stopping')
    const startMs = performance.now()
    // Right after the first signal, a second one counts as the same Ctrl-C, forwarded by npm.
    await waitUntil(
      () => {
        node.signal('SIGINT')
        return !node.isRunning
      },
      () => node.output,
    )
    const tookMs = performance.now() - startMs
    const { code, stderr } = await node.exit
    t.is(stderr, '')
    // The node stopped before the second signal arrived.
    if (code === 0) return Number.POSITIVE_INFINITY
    // The exit code of a second Ctrl-C.
    t.is(code, 130)
    return tookMs
  }, CLOSE_TIMEOUT_MS)
})

test.serial('stopping - the same Ctrl-C forwarded by npm counts as the first', async (t) => {
  const { node } = await nodeWithMutePeer(t)
  node.signal('SIGINT')
  node.signal('SIGTERM')
  t.like(await node.stop('SIGINT'), { code: 0, stderr: '' })
})

/** Stops a node, and gives how long that took, in ms. */
async function stopped(
  t: ExecutionContext,
  node: NodeProcess,
  signal: NodeJS.Signals,
): Promise<number> {
  const startMs = performance.now()
  const { code, stderr } = await node.stop(signal)
  const tookMs = performance.now() - startMs
  t.is(code, 0)
  t.is(stderr, '')
  return tookMs
}

/** A node with a peer that became a WebSocket and has not read anything since. */
async function nodeWithMutePeer(
  t: ExecutionContext,
): Promise<{ readonly node: NodeProcess; readonly mute: RawCall }> {
  const node = await NodeProcess.start(t)
  const mute = await RawCall.open(t, node.port, UPGRADE_REQUEST)
  await waitUntil(
    () => mute.received.startsWith('HTTP/1.1 101 '),
    () => `an upgrade, got ${mute.received}`,
  )
  return { node, mute }
}
