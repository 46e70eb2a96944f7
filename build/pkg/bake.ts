/**
 * Makes one binary with pkg. pkg-tool.ts runs it on the Node of the binaries: pkg needs a Node of
 * that age, and uses its version for a foreign Node, which cannot run here.
 */

import { createRequire } from 'node:module'
import type { PkgOrder } from '../pkg-tool.ts'

/** The part of pkg that we use. pkg and its types are installed elsewhere. */
interface PkgSea {
  default(entry: string, options: PkgOrder['options']): Promise<void>
}

const order: PkgOrder = JSON.parse(process.argv[2] ?? '')
const pkg: PkgSea = createRequire(order.manifest)('pkg/lib-es5/sea.js')
await pkg.default(order.script, order.options)
