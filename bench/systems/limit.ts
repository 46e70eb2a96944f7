/**
 * The least that any program on ws can do: programs/limit.ts. Nobody has to find anybody, and
 * no process dials before all listen, so that no dial is wasted.
 */

import type { System } from './system.ts'

export const limit: System = {
  name: 'limit',
  dialsBothWays: false,
  prepare({ port }, { node, limit: bundle }) {
    return { program: node, args: [bundle, String(port)] }
  },
  /** Each dials those that were there before, and of those that start with it the later ones. */
  order({ index, ports }, started) {
    if (!started.includes(index)) return ''
    const targets = ports.filter((_port, other) => !started.includes(other) || other > index)
    return `${JSON.stringify(targets.map((target) => `ws://localhost:${target}`))}\n`
  },
}
