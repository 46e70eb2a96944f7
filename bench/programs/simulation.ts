/**
 * One large mesh in the simulator of test/sim; prints its figures as JSON.
 *
 *     node simulation.mjs NODES
 */

import { measure } from '../../test/sim/scale.ts'

/** As `npm run sim -- --nodes` has them. */
const options = { seed: 1, latencyMs: 5, spreadMs: 100 }

const nodes = Number(process.argv[2])
const measured = await measure({ ...options, nodes })
if (!measured.complete) throw new Error(measured.report)
const figures = {
  virtualSeconds: measured.virtualMs / 1000,
  dialsPerNode: measured.dialsPerNode,
  handshakesPerNode: measured.handshakesPerNode,
  handshakeBytesPerNode: measured.handshakeBytesPerNode,
  connectedAddresses: nodes - 1,
}
console.log(JSON.stringify(figures))
