/** The stories to the letter, in one file: programs/plain.ts. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from './system.ts'

export const plain: System = {
  name: 'plain',
  dialsBothWays: true,
  prepare({ folder, port, seeds }, { node, plain: bundle }) {
    const knownPeers = seeds.map((seed) => `ws://localhost:${seed}`)
    writeFileSync(join(folder, 'known-peers.json'), JSON.stringify(knownPeers))
    return { program: node, args: [bundle, String(port)] }
  },
}
