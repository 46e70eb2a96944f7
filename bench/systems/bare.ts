/**
 * What any program must do at least, on ws, on ws over TLS, and on node:net: bare-ws.ts,
 * bare-wss.ts and floor.ts in programs/. Nobody has to find anybody, and no process dials before
 * all listen, so that no dial is wasted.
 */

import type { System } from './system.ts'

export const bareWs = bare('bare-ws')

export const bareWss = bare('bare-wss')

export const floor = bare('floor')

function bare(name: 'bare-ws' | 'bare-wss' | 'floor'): System {
  return {
    name,
    dialsBothWays: false,
    prepare({ port }, { node, [name]: bundle }) {
      return { program: node, args: [bundle, String(port)] }
    },
    /** Each dials those that were there before, and of those that start with it the later ones. */
    order({ index, ports }, started) {
      if (!started.includes(index)) return ''
      const targets = ports.filter((_port, other) => !started.includes(other) || other > index)
      return `${JSON.stringify(targets)}\n`
    },
  }
}
