/**
 * The stories to the letter, in one file: programs/plain.ts. As a bundle, and as people hand it in:
 * an ES module, with ws and dotenv in node_modules.
 */

import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '../../build/repository.ts'
import { fillFolder } from './folder.ts'
import type { System } from './system.ts'

export const plain: System = {
  name: 'plain',
  dialsBothWays: true,
  prepare(place, { node, plain: bundle }) {
    fillFolder(place, bundle)
    return { program: node, args: ['index.js', String(place.port)] }
  },
}

export const plainUnbundled: System = {
  name: 'plain-unbundled',
  dialsBothWays: true,
  prepare(place, { node, 'plain-unbundled': module }) {
    const { folder } = place
    fillFolder(place, module)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
    return { program: node, args: ['index.js'] }
  },
}
