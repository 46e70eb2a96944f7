/**
 * This project: folders with the built file, as its users have them; and another build of it, which
 * is to be compared.
 */

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place, Programs, System } from './system.ts'

export const fullmesh = build('fullmesh')

export const other = build('other')

function build(name: 'fullmesh' | 'other'): System {
  return {
    name,
    dialsBothWays: false,
    prepare({ folder, port, seeds }: Place, { node, [name]: bundle }: Programs) {
      if (bundle === undefined) return undefined
      copyFileSync(bundle, join(folder, 'index.js'))
      writeFileSync(join(folder, '.env'), `PORT=${port}\n`)
      const knownPeers = seeds.map((seed) => `ws://localhost:${seed}`)
      writeFileSync(join(folder, 'known-peers.json'), JSON.stringify(knownPeers))
      return { program: node, args: ['index.js'] }
    },
  }
}
