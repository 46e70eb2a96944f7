/** The binary for another processor, in one mesh with the others. */

import test from 'ava'
import { hostPlatform, platformsNamed } from '../../build/node-releases.ts'
import { arm64Runtime } from '../helpers/arm64.ts'
import { binaryFor, MAKING_MS_MAX } from '../helpers/binaries.ts'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NODE, NodeProcess } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'

test('binaries - linux-arm64 meshes with the one for this machine and with a Node node', async (t) => {
  t.timeout(MAKING_MS_MAX)
  const runtime = arm64Runtime()
  const [platform] = platformsNamed(['linux-arm64'])
  if (!platform) return t.fail()
  const arm64 = { binary: await binaryFor(platform), ...(runtime && { runtime }) }
  const host = { binary: await binaryFor(hostPlatform()) }
  const ports = await freePorts(t, 4)
  const knownPeers = [`ws://localhost:${ports[0]}`]
  const nodes = await Promise.all(
    [{ runtime: NODE }, arm64, arm64, host].map((kind, index) =>
      NodeProcess.create(t, { ...kind, port: ports[index] ?? 0, knownPeers }),
    ),
  )
  for (const node of nodes) await node.start()
  await waitUntilComplete(nodes)
  const [, killed] = nodes
  if (!killed) return t.fail()
  await killed.stop('SIGKILL')
  await killed.start()
  await waitUntilComplete(nodes)
  for (const node of nodes) t.notRegex(node.history, /"other-code"/)
  for (const { code } of await Promise.all(nodes.map((node) => node.stop()))) t.is(code, 0)
  assertNoUnhandledErrors(t, nodes)
})
