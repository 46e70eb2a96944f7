/** Three nodes that all publish: each gets each message once, and their memory stays as it is. */

import { setTimeout as delay } from 'node:timers/promises'
import { TYPESCRIPT } from '../../build/repository.ts'
import { freePorts } from '../helpers/free-port.ts'
import { lastState } from '../helpers/last-state.ts'
import { NODE, NodeProcess } from '../helpers/node-process.ts'
import type { Teardown } from '../helpers/teardown.ts'
import type { MessageNodeOrder, MessageNodeState } from './message-node.ts'

const NODES = 3

const PROGRAM = new URL('message-node.ts', import.meta.url).pathname

/**
 * Memory grows until the logs are full, which keep 16 MiB of each sender, and for a while after it:
 * a million messages or so.
 */
const JUDGED_MESSAGES_MIN = 3_000_000

/** What memory may grow by: garbage is collected at any time. */
const GROWTH_PERCENT_MAX = 15

const LOOK_MS = 1_000

/** Nothing comes for so long: it will not come any more, in ms. */
const STANDSTILL_MS_DEFAULT = 60_000

/** How many lines are printed. */
const LINES = 20

/** What a look shows. */
export interface Look {
  readonly atMs: number
  /** Messages that all nodes have got together, without their own. */
  readonly received: number
  /** Of each node. */
  readonly residentMib: readonly number[]
}

export interface MessageSoakOptions {
  /** Of all nodes together. */
  readonly messages: number
  readonly print: (line: string) => void
  readonly signal?: AbortSignal
  /** How long nothing may come, in ms. Default: a minute. */
  readonly standstillMs?: number
}

/** Gives what is wrong, in a line each; nothing when all is well. */
export async function messageSoak(
  t: Teardown,
  options: MessageSoakOptions,
): Promise<readonly string[]> {
  const { messages, print, signal, standstillMs = STANDSTILL_MS_DEFAULT } = options
  const ports = await freePorts(t, NODES)
  const knownPeers = ports.map((port) => `ws://localhost:${port}`)
  const nodes = await Promise.all(
    ports.map((port) => NodeProcess.create(t, { port, runtime: [...NODE, ...TYPESCRIPT] })),
  )
  const all = messages * (NODES - 1)
  const startedMs = performance.now()
  for (const [index, node] of nodes.entries()) {
    const count = Math.floor((messages + index) / NODES)
    const order: MessageNodeOrder = { port: node.port, knownPeers, count }
    node.launch({ script: PROGRAM, args: [JSON.stringify(order)] })
  }
  const looks: Look[] = []
  let printed = 0
  let movedMs = 0
  for (;;) {
    await delay(LOOK_MS, undefined, { signal })
    const states = nodes.map(stateOf)
    const problems = states.flatMap((state) => state?.problems ?? [])
    const ended = nodes.filter((node) => !node.isRunning).map((node) => `ended\n${node.output}`)
    if (ended.length > 0 || problems.length > 0) {
      const others = nodes.flatMap(({ address, lines }) =>
        lines.filter((line) => !line.startsWith('state ')).map((line) => `${address} ${line}`),
      )
      return [...ended, ...problems, ...others]
    }
    const received = states.reduce((sum, state) => sum + (state?.received ?? 0), 0)
    const atMs = performance.now() - startedMs
    if (received > (looks.at(-1)?.received ?? 0)) movedMs = atMs
    looks.push({ atMs, received, residentMib: states.map((state) => state?.residentMib ?? 0) })
    const done = received / all
    if (done * LINES >= printed) {
      print(lineOf(looks.at(-1), done))
      printed = Math.floor(done * LINES) + 1
    }
    if (done >= 1) return messages < JUDGED_MESSAGES_MIN ? [] : growths(looks)
    if (atMs - movedMs > standstillMs) return [`${received} of ${all} came`]
  }
}

/** Nodes whose memory grew from the third quarter of the messages to the last one. */
export function growths(looks: readonly Look[]): readonly string[] {
  const all = looks.at(-1)?.received ?? 0
  const most = (node: number, from: number, to: number): number => {
    const within = looks.filter(({ received }) => received >= from * all && received <= to * all)
    return Math.max(0, ...within.map(({ residentMib }) => residentMib[node] ?? 0))
  }
  return (looks.at(-1)?.residentMib ?? []).flatMap((_, node) => {
    const [before, after] = [most(node, 0.5, 0.75), most(node, 0.75, 1)]
    if (100 * after <= (100 + GROWTH_PERCENT_MAX) * before) return []
    return [`node ${node + 1} grew from ${before} to ${after} MiB`]
  })
}

function stateOf(node: NodeProcess): MessageNodeState | undefined {
  return lastState(node)
}

function lineOf(look: Look | undefined, done: number): string {
  const { atMs = 0, residentMib = [] } = look ?? {}
  const memory = residentMib.map((mib) => `${mib} MiB`).join('  ')
  return `${(100 * done).toFixed(0).padStart(3)} %  ${(atMs / 1_000).toFixed(0)} s  ${memory}`
}
