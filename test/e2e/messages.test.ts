/**
 * Messages between processes of which one stops for a while, one is killed, and whose connections
 * break: each gets every number once and in order. A node that carries no messages is a member.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { compiled } from '../helpers/compiled.ts'
import { cutConnectionsTo } from '../helpers/cut-connections.ts'
import { freePorts } from '../helpers/free-port.ts'
import { lastState } from '../helpers/last-state.ts'
import type { MessageOrder, MessageState } from '../helpers/message-program.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const COUNT = 20_000

/** The longest that all numbers take, in ms. */
const WITHIN_MS = 40_000

/** How long a process is stopped, in ms: long against all pauses between frames. */
const STOPPED_MS = 3_000

const PROGRAM = compiled('test/helpers/message-program.ts')

async function launch(node: NodeProcess, order: MessageOrder): Promise<void> {
  await node.start({ script: PROGRAM, args: [JSON.stringify(order)] })
}

function stateOf(node: NodeProcess): MessageState | undefined {
  return lastState(node)
}

function residentOf(node: NodeProcess): number {
  return stateOf(node)?.residentMib ?? 0
}

function outputOf(nodes: readonly NodeProcess[]): string {
  return nodes.map(({ output }) => output.slice(-2_000)).join('\n')
}

async function create(t: ExecutionContext, port: number): Promise<NodeProcess> {
  return NodeProcess.create(t, { port })
}

test('messages - each number comes once and in order, whatever happens to processes and connections', async (t) => {
  t.timeout(100_000)
  // Neither announces nor sees that a node carries messages, as before there were any.
  const today = readFileSync(join(REPOSITORY, 'node-1/index.js'), 'utf8')
  const old = today.replaceAll(/mesh-messages/gi, 'Mesh-Other')
  const ports = await freePorts(t, 4)
  const knownPeers = ports.map((port) => `ws://localhost:${port}`)
  const [a, b, c] = await Promise.all(ports.slice(0, 3).map((port) => create(t, port)))
  if (a === undefined || b === undefined || c === undefined) return t.fail()
  // Messages that it does not know are told at this level only.
  const settings = { LOG_LEVEL: 'debug' }
  const options = { knownPeers, settings, files: { 'index.js': old } }
  const before = await NodeProcess.create(t, { ...options, port: Number(ports[3]) })
  const nodes = [a, b, c]
  const orderFor = ({ port }: NodeProcess): MessageOrder => ({ port, knownPeers, count: COUNT })
  const isComplete = (): boolean =>
    nodes.every((node) => stateOf(node)?.peers === 3) && before.connected === 3
  const untilComplete = (): Promise<void> =>
    waitUntil(isComplete, () => `all connected\n${outputOf([...nodes, before])}`)
  const lastOf = (node: NodeProcess): number =>
    Math.max(0, ...Object.values(stateOf(node)?.feeds ?? {}).map(({ last }) => last))
  const untilLast = (node: NodeProcess, last: number): Promise<void> =>
    waitUntil(
      () => lastOf(node) >= last,
      () => `${last} numbers\n${outputOf(nodes)}`,
      WITHIN_MS,
    )

  await Promise.all([...nodes.map((node) => launch(node, orderFor(node))), before.start()])
  await untilComplete()
  a.signal('SIGUSR2')
  await untilLast(c, 2_000)
  const residentMib = residentOf(a)
  b.signal('SIGSTOP')
  const resumed = delay(STOPPED_MS).then(() => b.signal('SIGCONT'))
  await c.stop('SIGKILL')
  await launch(c, orderFor(c))
  cutConnectionsTo(t, ports)
  await resumed
  await untilLast(c, 1)
  cutConnectionsTo(t, ports)
  for (const node of nodes) await untilLast(node, COUNT)

  for (const node of nodes) {
    const { feeds = {}, problems } = stateOf(node) ?? {}
    t.deepEqual(problems, [])
    const [got, ...others] = Object.values(feeds)
    t.deepEqual(others, [])
    t.is(got?.last, COUNT)
    // The run that began in the middle may have missed what was published before it.
    if (node === c) t.true(got !== undefined && got.gaps <= 1)
    else t.like(got, { first: 1, gaps: 0 })
  }
  t.true(residentOf(a) < residentMib + 64, `${residentMib} MiB, then ${residentOf(a)} MiB`)
  await untilComplete()

  // It is sent no type of message that it does not read.
  t.deepEqual(before.eventsOf('message-ignored'), [])

  // One with messages takes its place.
  await before.stop()
  const next = await NodeProcess.create(t, { ...options, port: before.port, files: {} })
  await next.start()
  await waitUntil(
    () => nodes.every((node) => stateOf(node)?.peers === 3) && next.connected === 3,
    () => `all connected\n${outputOf([...nodes, next])}`,
  )
})
