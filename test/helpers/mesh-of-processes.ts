/**
 * Several nodes, and whether they are one complete mesh: by their own word, and by the word of the
 * kernel.
 */

import { freePorts } from './free-port.ts'
import { type NodeOptions, NodeProcess } from './node-process.ts'
import { connectionsAmong, endsTo } from './socket-table.ts'
import type { Teardown } from './teardown.ts'
import { waitUntil } from './wait-until.ts'

/**
 * Nodes in folders of their own that know the first and the last of them, as node-1 knows itself
 * and node-3.
 */
export async function createNodes(
  t: Teardown,
  count: number,
  options: NodeOptions = {},
): Promise<readonly NodeProcess[]> {
  const ports = await freePorts(t, count)
  const knownPeers = [ports[0], ports.at(-1)].map((port) => `ws://localhost:${port}`)
  return Promise.all(ports.map((port) => NodeProcess.create(t, { ...options, port, knownPeers })))
}

/**
 * Waits until every node says that it is connected to all others, and the kernel has one connection
 * for each pair.
 *
 * @param withinMs for nodes that need longer than usual
 * @throws when that is not so in time, with the output of all nodes
 */
export async function waitUntilComplete(
  nodes: readonly NodeProcess[],
  withinMs?: number,
): Promise<void> {
  const others = nodes.length - 1
  const pairs = (nodes.length * others) / 2
  await waitUntil(
    () => nodes.every((node) => node.connected === others) && hasConnections(nodes, pairs),
    () => {
      const counted = nodes.every((node) => node.isRunning) && connectionsAmong(nodes)
      const outputs = nodes.map((node) => node.output).join('\n')
      return `${nodes.length} nodes with ${pairs} connections, got ${JSON.stringify(counted)}\n${outputs}`
    },
    withinMs,
  )
}

/**
 * Whether the nodes run and the kernel has so many connections, at the ends that accepted and those
 * that dialed.
 */
function hasConnections(nodes: readonly NodeProcess[], count: number): boolean {
  if (!nodes.every((node) => node.isRunning)) return false
  const { accepted, dialed } = connectionsAmong(nodes)
  return accepted === count && dialed === count
}

/**
 * How many connections to these ports of this machine are open, counted at the end that accepted
 * them. Linux only.
 */
export function connectionsTo(ports: readonly number[]): number {
  return endsTo(ports).accepted
}
