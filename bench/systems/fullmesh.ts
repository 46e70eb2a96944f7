/**
 * This project: folders with the built file, as its users have them, also with a secret, and with
 * one over TLS; and another build of it, which is to be compared.
 */

import { fillFolder } from './folder.ts'
import type { MeshSystemName, System } from './system.ts'

export const fullmesh = build('fullmesh', 'fullmesh', 'open')

export const fullmeshSecret = build('fullmesh-secret', 'fullmesh', 'secret')

export const fullmeshWss = build('fullmesh-wss', 'fullmesh', 'wss')

export const other = build('other', 'other', 'open')

function build(
  name: MeshSystemName,
  program: 'fullmesh' | 'other',
  door: 'open' | 'secret' | 'wss',
): System {
  return {
    name,
    dialsBothWays: false,
    prepare(place, { node, [program]: bundle }) {
      if (bundle === undefined) return undefined
      fillFolder(place, bundle, door)
      return { program: node, args: ['index.js'] }
    },
  }
}
