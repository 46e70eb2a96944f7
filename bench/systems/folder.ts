/** The folder of a node as users have it. */

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './system.ts'

/** Makes index.js, .env and known-peers.json. */
export function fillFolder(
  { folder, port, seeds }: Pick<Place, 'folder' | 'port' | 'seeds'>,
  program: string,
): void {
  copyFileSync(program, join(folder, 'index.js'))
  writeFileSync(join(folder, '.env'), `PORT=${port}\n`)
  const knownPeers = seeds.map((seed) => `ws://localhost:${seed}`)
  writeFileSync(join(folder, 'known-peers.json'), JSON.stringify(knownPeers))
}
