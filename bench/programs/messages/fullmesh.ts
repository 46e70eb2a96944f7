/** A node of this project, as a library. */

import { setTimeout as delay } from 'node:timers/promises'
import { MeshNode } from '../../../src/index.ts'
import type { Open } from '../../messages/transport.ts'

const TOPIC = 'bench'

/** How often it looks whether all are connected. */
const LOOK_MS = 20

export const open: Open = async ({ index, ports }, deliver) => {
  const port = ports[index] ?? 0
  const knownPeers = ports.slice(0, 2).map((seed) => `ws://localhost:${seed}`)
  const node = new MeshNode({ port, knownPeers })
  node.subscribe(
    TOPIC,
    ({ body }) => {
      if (typeof body === 'string') deliver(body)
    },
    { echo: false },
  )
  let started: Promise<unknown> | undefined
  return {
    async connect(indices) {
      started ??= node.start()
      await started
      while (node.peers.length < indices.length - 1) await delay(LOOK_MS)
    },
    publish(body) {
      node.publish(TOPIC, body)
    },
  }
}
