/**
 * What the links of a node take of its memory, once its garbage is collected. Node opens its
 * inspector on SIGUSR1, by which the garbage can be collected and the heap be asked for, without a
 * change of the program.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Cluster } from '../cluster.ts'
import { median } from '../statistics.ts'
import { notComplete } from './formation.ts'
import type { TrialResult } from './trial.ts'

/** The number of nodes that are measured; the others are like them. */
const ASKED_MAX = 5

const SETTLE_MS = 5000

/** How long the inspector may take to print its address. */
const INSPECTOR_MS = 10_000

/** The processes of such a cluster need these, because all of them would use the same port. */
export const MEMORY_ENV = { NODE_OPTIONS: '--inspect-port=127.0.0.1:0' } as const

/** Forms the mesh, and measures some of its nodes. */
export async function memory(cluster: Cluster, limitSeconds: number): Promise<TrialResult> {
  const deadlineMs = performance.now() + 1000 * limitSeconds
  await cluster.start(cluster.indices)
  const { dialsBothWays } = cluster.system
  if (!(await cluster.untilComplete(deadlineMs, dialsBothWays))) return notComplete(cluster)
  await delay(SETTLE_MS)
  const heaps: number[] = []
  for (const index of cluster.indices.slice(-ASKED_MAX)) heaps.push(await heapOf(cluster, index))
  return { kind: 'figures', figures: { heapBytes: median(heaps) } }
}

async function heapOf(cluster: Cluster, index: number): Promise<number> {
  process.kill(cluster.pids[index] ?? 0, 'SIGUSR1')
  const inspector = new WebSocket(await inspectorOf(cluster, index))
  await new Promise((resolve, reject) => inspector.once('open', resolve).once('error', reject))
  await call(inspector, 'HeapProfiler.collectGarbage')
  const answer = await call(inspector, 'Runtime.evaluate', {
    expression: '(({heapUsed, external}) => heapUsed + external)(process.memoryUsage())',
  })
  inspector.terminate()
  const { value } = answer.result ?? {}
  if (typeof value !== 'number') throw new Error('the inspector gave no size of the heap')
  return value
}

async function inspectorOf(cluster: Cluster, index: number): Promise<string> {
  const deadlineMs = performance.now() + INSPECTOR_MS
  for (;;) {
    const address = /Debugger listening on (ws:\S+)/.exec(cluster.errorsOf(index))?.[1]
    if (address !== undefined) return address
    if (performance.now() > deadlineMs) throw new Error('the inspector does not listen')
    await delay(20)
  }
}

interface Answer {
  readonly result?: { readonly value?: unknown }
}

/** One question at a time, so the next answer that has an id is the one. */
function call(inspector: WebSocket, method: string, params: object = {}): Promise<Answer> {
  inspector.send(JSON.stringify({ id: 1, method, params }))
  return new Promise((resolve, reject) => {
    const onMessage = (text: unknown): void => {
      const message: { id?: number; result?: Answer } = JSON.parse(String(text))
      if (message.id !== 1) return
      inspector.off('message', onMessage).off('error', reject)
      resolve(message.result ?? {})
    }
    inspector.on('message', onMessage).once('error', reject)
  })
}
