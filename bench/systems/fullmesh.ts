/** This project: folders with the built file, as its users have them. */

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from './system.ts'

export const fullmesh: System = {
  name: 'fullmesh',
  dialsBothWays: false,
  prepare({ folder, port, seeds }, { node, fullmesh: bundle }) {
    copyFileSync(bundle, join(folder, 'index.js'))
    writeFileSync(join(folder, '.env'), `PORT=${port}\n`)
    const knownPeers = seeds.map((seed) => `ws://localhost:${seed}`)
    writeFileSync(join(folder, 'known-peers.json'), JSON.stringify(knownPeers))
    return { program: node, args: ['index.js'] }
  },
}
