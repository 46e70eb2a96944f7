/**
 * One large mesh whose nodes all start at once, without faults: what it costs to become complete.
 */

import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { newPlace } from './place.ts'
import { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

/** What to measure. */
export interface ScaleOptions {
  readonly nodes: number
  readonly seed: number
  /** The slowest packet; the fastest takes a fifth of that. */
  readonly latencyMs: number
  /** The nodes start within this time. */
  readonly spreadMs: number
  /** Called with the virtual time, the most peers that a node lacks, and the dials so far. */
  readonly onProgress?: (nowMs: number, lacking: number, dials: number) => void
}

/** The longest virtual time of a measurement. */
const GIVE_UP_MS = 600_000

/** How often the mesh is checked to be complete. */
const CHECK_MS = 100

/** The result. */
export interface Measured {
  readonly complete: boolean
  readonly virtualMs: number
  /**
   * Dials that ended as duplicates, as a share of the pairs. Verification dials do not count.
   */
  readonly duplicates: number
  /** Dials of a node, and the HANDSHAKEs that it sends, until the mesh is complete. */
  readonly dialsPerNode: number
  readonly handshakesPerNode: number
  readonly handshakeBytesPerNode: number
  /** All figures, for people. */
  readonly report: string
}

/** Builds the mesh and measures it. */
export async function measure(options: ScaleOptions): Promise<Measured> {
  const { nodes: count, seed, latencyMs, spreadMs } = options
  const random = new Random(seed)
  const timings = DEFAULT_TIMINGS
  const latency = { minMs: latencyMs / 5, maxMs: latencyMs }
  const world = new World({ random, latency, timings, trace: new Trace(false) })
  const places = Array.from({ length: count }, (_none, index) => newPlace(index, 'loopback', false))
  const nodes: SimNode[] = []
  // As node-1/known-peers.json has them.
  const knownPeers = [places[0], places[2]].flatMap((place) => (place ? [place.address] : []))
  for (const place of places) {
    world.network.addPlace(place)
    const node = new SimNode({ place, world, knownPeers, timings, random: random.fork() })
    nodes.push(node)
    world.time.at(random.between(0, spreadMs), () => {
      place.listener = node
      node.start()
    })
  }
  const startedMs = performance.now()
  const isComplete = (): boolean =>
    nodes.every(({ mesh }) => mesh.connectedAddresses.size === count - 1)
  while (!isComplete() && world.time.nowMs < GIVE_UP_MS) {
    world.time.run(world.time.nowMs + CHECK_MS)
    options.onProgress?.(world.time.nowMs, count - 1 - fewest(nodes), world.tally.dials)
    // Yields to the event loop, so that the process can be interrupted.
    await new Promise(setImmediate)
  }
  const complete = isComplete()
  const { handshakes, handshakeBytes } = world.tally
  const completeMs = world.time.nowMs
  // Duplicates of the start are closed once every older link was probed.
  world.time.run(completeMs + timings.duplicateProbeMs)
  const { tally } = world
  const pairs = (count * (count - 1)) / 2
  const share = ((100 * tally.joinDuplicates) / pairs).toFixed(1)
  const perNode = handshakeBytes / count
  const tookS = (performance.now() - startedMs) / 1000
  const rssMib = process.memoryUsage().rss / 2 ** 20
  const when = `${(completeMs / 1000).toFixed(1)} virtual s`
  const report = [
    `${count} nodes, ${pairs} pairs: ${complete ? 'complete' : 'NOT COMPLETE'} after ${when}`,
    `  dials                      ${tally.dials}`,
    `  that ended as duplicates   ${tally.joinDuplicates} (${share} % of the pairs)`,
    `  verification dials         ${tally.verifications}, and duplicates of theirs ${tally.verificationDuplicates}`,
    `  connections ever           ${tally.connections}`,
    `  HANDSHAKEs per node        ${(handshakes / count).toFixed(0)}`,
    `  HANDSHAKE bytes per node   ${perNode.toFixed(0)} (${(perNode / 2 ** 20).toFixed(2)} MiB)`,
    `  it took ${tookS.toFixed(1)} s and ${rssMib.toFixed(0)} MiB`,
  ].join('\n')
  return {
    complete,
    virtualMs: completeMs,
    duplicates: tally.joinDuplicates / pairs,
    dialsPerNode: tally.dials / count,
    handshakesPerNode: handshakes / count,
    handshakeBytesPerNode: perNode,
    report,
  }
}

function fewest(nodes: readonly SimNode[]): number {
  return Math.min(...nodes.map(({ mesh }) => mesh.connectedAddresses.size))
}
