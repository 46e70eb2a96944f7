/** A large mesh in which a few nodes publish, and some of them die amid that. */

import { FormedMesh } from '../formed-mesh.ts'
import { expectAgreement } from './agreement.ts'
import { publish } from './bursts.ts'
import { USUAL_SETTINGS } from './message-node.ts'
import { MessageWorld } from './message-world.ts'

/** Each publisher publishes so often, so much, so many times. */
const EVERY_MS = 100
const BYTES = 100
const TIMES = 20

/** The part of the publishers that dies, as soon as half is published. */
const DYING = 0.2

/** Half of the others have it by then, or only a few. */
const AMID_MS = 1
const SOON_MS = 0.05

/** How long it may take until all have all, in ms, and how often that is looked at. */
const GIVE_UP_MS = 300_000
const LOOK_MS = 500

export interface LargeOptions {
  readonly nodes: number
  readonly publishers: number
  readonly seed: number
  /** How long after a message has left the publishers die, in ms: some have it by then. */
  readonly amidMs?: number
  /** Called with the virtual time while the mesh forms. */
  readonly onProgress?: (nowMs: number) => void
}

export interface LargeResult {
  /** What is missing, or undefined. */
  readonly missing: string | undefined
  /** From the last message on. */
  readonly agreedMs: number
  readonly deliveries: number
  readonly gaps: number
  /** All figures, for people. */
  readonly report: string
}

/** After so many ms all survivors have the same, without the repair that comes every 30 s. */
const SECONDS_MS = 10_000

const DEATH_NODES = 24

/** What is wrong in a mesh whose publishers die, or undefined. */
export function lateProblem(seed: number): string | undefined {
  const options = { nodes: DEATH_NODES, publishers: 10, seed, amidMs: SOON_MS }
  const { agreedMs, missing } = measureMessages(options)
  return agreedMs > SECONDS_MS ? `${missing ?? 'all have all'} after ${agreedMs} ms` : missing
}

export function measureMessages(options: LargeOptions): LargeResult {
  const { nodes, publishers, seed, amidMs = AMID_MS, onProgress } = options
  const messages = new MessageWorld(() => USUAL_SETTINGS)
  const startedMs = performance.now()
  const { places, world } = new FormedMesh(nodes, seed, messages, onProgress)
  const formedMs = performance.now()
  const { time } = world
  const publishing = places.slice(0, publishers)
  for (const place of publishing) {
    for (let sent = 0; sent < TIMES; sent += 1) {
      time.after(sent * EVERY_MS, () => publish(place, BYTES, 'a'))
    }
  }
  const dying = publishing.slice(0, Math.floor(DYING * publishers))
  time.run(time.nowMs + (TIMES * EVERY_MS) / 2 + amidMs)
  for (const { listener } of dying) {
    if (listener !== undefined) world.network.loseUnderWay(listener)
    listener?.crash(false)
  }
  time.run(time.nowMs + (TIMES * EVERY_MS) / 2)
  const sinceMs = time.nowMs
  const look = (): string | undefined => expectAgreement(world, places)
  while (look() !== undefined && time.nowMs < sinceMs + GIVE_UP_MS) time.run(time.nowMs + LOOK_MS)
  const missing = look()
  const agreedMs = time.nowMs - sinceMs
  const { deliveredCount: deliveries, gapCount: gaps, publishedCount } = messages.ledger
  const tookS = (performance.now() - formedMs) / 1000
  const report = [
    `${nodes} nodes, ${publishers} publish and ${dying.length} of them die: ${missing ?? 'all have all'}`,
    `  ${publishedCount} messages, ${deliveries} deliveries, ${gaps} gaps`,
    `  after the last one it takes ${(agreedMs / 1000).toFixed(1)} virtual s`,
    `  it took ${tookS.toFixed(1)} s, and ${((formedMs - startedMs) / 1000).toFixed(1)} s to form the mesh`,
  ].join('\n')
  return { missing, agreedMs, deliveries, gaps, report }
}
