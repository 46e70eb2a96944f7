/**
 * This project: folders with the built file, as its users have them; and another build of it, which
 * is to be compared.
 */

import { fillFolder } from './folder.ts'
import type { System } from './system.ts'

export const fullmesh = build('fullmesh')

export const other = build('other')

function build(name: 'fullmesh' | 'other'): System {
  return {
    name,
    dialsBothWays: false,
    prepare(place, { node, [name]: bundle }) {
      if (bundle === undefined) return undefined
      fillFolder(place, bundle)
      return { program: node, args: ['index.js'] }
    },
  }
}
