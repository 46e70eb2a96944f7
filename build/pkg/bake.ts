/**
 * Has pkg make one binary. Run by pkg-tool.ts, on the Node that the binaries carry: pkg wants it as
 * new as that, and takes its version for the one of a foreign Node, which it cannot ask.
 */

import { createRequire } from 'node:module'
import type { PkgOrder } from '../pkg-tool.ts'

/** What we use of pkg, which is installed elsewhere, with its types. */
interface PkgSea {
  default(entry: string, options: PkgOrder['options']): Promise<void>
}

const order: PkgOrder = JSON.parse(process.argv[2] ?? '')
const pkg: PkgSea = createRequire(order.manifest)('pkg/lib-es5/sea.js')
await pkg.default(order.script, order.options)
