/** A mesh in which one peer reads slowly: what that changes for the others. */

import { FormedMesh } from '../formed-mesh.ts'
import type { Place } from '../place.ts'
import { SimNode, silentClosesOf } from '../sim-node.ts'
import { expectAgreement } from './agreement.ts'
import { publish } from './bursts.ts'
import { USUAL_SETTINGS } from './message-node.ts'
import { MessageWorld } from './message-world.ts'

const NODES = 6

/** Each node publishes so often, so much. */
const EVERY_MS = 100
const BYTES = 20_000
const TIMES = 100

/** Far less than what is published: a window of 256 KiB takes 13 s. */
const SLOW_BYTES_PER_MS = 20

/** By then the slow peer has caught up, once it reads as usual, in ms. */
const CAUGHT_UP_MS = 30_000

export interface Isolation {
  /** The longest time from publish to delivered, of all but the slow peer. */
  readonly slowestMs: number
  /** The same of the slow peer. */
  readonly lateMs: number
  /** Links that were closed because nothing was received. */
  readonly silentCloses: number
  /** What is missing once the slow peer reads as usual. */
  readonly missing: string | undefined
}

export function isolation(seed: number): Isolation {
  const mesh = new FormedMesh(NODES, seed, new MessageWorld(() => USUAL_SETTINGS))
  const { places, world } = mesh
  const { time } = world
  const [slow, ...others] = places
  if (slow === undefined) throw new RangeError('no node')
  slow.bytesPerMs = SLOW_BYTES_PER_MS
  for (let sent = 0; sent < TIMES; sent += 1) {
    for (const place of places) time.after(sent * EVERY_MS, () => publish(place, BYTES, 'a'))
  }
  time.run(time.nowMs + TIMES * EVERY_MS + CAUGHT_UP_MS)
  slow.bytesPerMs = undefined
  time.run(time.nowMs + CAUGHT_UP_MS)
  return {
    slowestMs: Math.max(...others.map(slowestOf)),
    lateMs: slowestOf(slow),
    silentCloses: places.reduce((sum, place) => sum + silentClosesOf(place), 0),
    missing: expectAgreement(world, places),
  }
}

function slowestOf({ listener }: Place): number {
  return (listener instanceof SimNode && listener.messages?.reader.slowestMs) || 0
}
