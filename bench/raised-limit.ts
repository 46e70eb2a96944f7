/**
 * The core with room for more links than it has, in one bundle and nowhere else: the simulator
 * shows what lies beyond the limit.
 */

import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { REPOSITORY } from '../build/repository.ts'
import * as limits from '../src/mesh/limits.ts'

const LIMITS = join(REPOSITORY, 'src', 'mesh', 'limits.ts')

/**
 * The most links that a node accepts in a mesh of this size, so that nobody is turned away:
 * everybody dials the two seeds.
 */
export function acceptedLinksMaxFor(nodes: number): number {
  return Math.max(limits.ACCEPTED_LINKS_MAX, nodes - 1)
}

/**
 * Bundles the core with `ACCEPTED_LINKS_MAX` of this value. `CONNECTIONS_MAX`, which is made from
 * it, stays as it is: only the shell asks for it.
 */
export function raiseAcceptedLinks(max: number): Plugin {
  const raised: Record<keyof typeof limits, number> = { ...limits, ACCEPTED_LINKS_MAX: max }
  const lines = Object.entries(raised).map(([name, value]) => `export const ${name} = ${value}`)
  return {
    name: 'raised-limit',
    setup({ onLoad }) {
      onLoad({ filter: /limits\.ts$/ }, ({ path }) =>
        path === LIMITS ? { contents: lines.join('\n') } : undefined,
      )
    },
  }
}
