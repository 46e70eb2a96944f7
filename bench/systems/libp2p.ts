/** js-libp2p with WebSockets: programs/libp2p.mjs. Its packages need a newer Node than ours. */

import type { System } from './system.ts'

export const libp2p: System = {
  name: 'libp2p',
  dialsBothWays: false,
  prepare({ port, seeds }, { newerNode, libp2p: script }) {
    if (newerNode === undefined || script === undefined) return undefined
    return { program: newerNode, args: [script, String(port), ...seeds.map(String)] }
  },
}
