/** Attackers that want into a mesh with a secret: each connection tries one proof. */

import { randomBytes } from 'node:crypto'
import { type Attack, frameOf, keepConnected, type Target, upgradeWith } from './attacker.ts'

export interface Guessers {
  readonly target: Target
  /** How many at a time. */
  readonly links: number
}

/** Wrong proofs, one after the other, as fast as the node refuses them. */
export function guess({ target, links }: Guessers): Attack {
  return keepConnected({
    target,
    count: links,
    onConnect: (socket) => {
      const auth = { type: 'AUTH', data: { dialed: '', identity: IDENTITY, mac: random() } }
      socket.write(upgradeWith({ 'Mesh-Auth': `1 ${random()}` }))
      socket.write(frameOf(0x1, JSON.stringify(auth)))
      socket.on('data', (chunk) => {
        if (chunk.includes('wrong secret')) socket.destroy()
      })
    },
  })
}

const IDENTITY = {
  'Mesh-Version': '1',
  'Mesh-Name': 'default',
  'Mesh-Id': '1'.repeat(32),
  'Mesh-Address': 'ws://localhost:1',
}

/** As long as a nonce and a MAC. */
function random(): string {
  return randomBytes(32).toString('base64url')
}
