/** The folder of a node as users have it. */

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './system.ts'

/** As the command `secret` makes them: no slow derivation. */
const SECRET = `fm1_${'s'.repeat(43)}`

/** Makes index.js, .env and known-peers.json. */
export function fillFolder(
  { folder, port, seeds }: Pick<Place, 'folder' | 'port' | 'seeds'>,
  program: string,
  door: 'open' | 'secret' | 'wss' = 'open',
): void {
  copyFileSync(program, join(folder, 'index.js'))
  const scheme = door === 'wss' ? 'wss' : 'ws'
  const secret = door === 'open' ? '' : `ADDRESS=${scheme}://localhost:${port}\nSECRET=${SECRET}\n`
  writeFileSync(join(folder, '.env'), `PORT=${port}\n${secret}`)
  const knownPeers = seeds.map((seed) => `${scheme}://localhost:${seed}`)
  writeFileSync(join(folder, 'known-peers.json'), JSON.stringify(knownPeers))
}
