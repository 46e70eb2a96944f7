/** A large mesh that loses half of its nodes at once, and the way back. */

import { FormedMesh } from './formed-mesh.ts'
import type { Place } from './place.ts'
import { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import { Violation } from './violation.ts'

/** The way back. */
export interface Recovery {
  /** Until every node is connected to every other, from when nothing stands in the way. */
  readonly wholeMs: number
  /** Dials of nodes that ran all the time to those that did not run. */
  readonly refusedDials: number
}

/** These nodes are killed, and start again, each within this time. */
export function killed(options: {
  readonly nodes: number
  readonly seed: number
  readonly victims: (index: number) => boolean
  readonly backWithinMs: number
}): Recovery {
  const mesh = new FormedMesh(options.nodes, options.seed)
  const random = new Random(options.seed)
  const [gone, rest] = [true, false].map((isVictim) =>
    mesh.places.filter(({ index }) => options.victims(index) === isVictim),
  ) as [Place[], Place[]]
  for (const place of gone) place.listener?.crash(false)
  const refused = (): number => rest.reduce((sum, { listener }) => sum + refusedOf(listener), 0)
  const before = refused()
  for (const [order, place] of random.shuffled(gone).entries()) {
    mesh.start(place, ((order + 1) / gone.length) * options.backWithinMs)
  }
  return { wholeMs: mesh.awaitWhole(), refusedDials: refused() - before }
}

function refusedOf(listener: Place['listener']): number {
  return listener instanceof SimNode ? (listener.mesh.counters().dials.get('refused') ?? 0) : 0
}

/** Half of the nodes are cut off from the others for so long. */
export function halvesApart(options: {
  readonly nodes: number
  readonly seed: number
  readonly apartMs: number
}): number {
  const mesh = new FormedMesh(options.nodes, options.seed)
  const { network, time } = mesh.world
  const a = new Set(mesh.places.filter(({ index }) => index % 2 === 1))
  const partition = { a, oneSided: false }
  network.split(partition)
  time.run(time.nowMs + options.apartMs)
  if (mesh.isWhole) throw new Violation('the halves are not apart')
  network.heal(partition)
  return mesh.awaitWhole()
}
