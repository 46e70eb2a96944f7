/**
 * Requests between processes of which one stops for a while, one is killed, and whose connections
 * break: each runs at most once. A node of before is a member and answers that it has no responder.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { compiled } from '../helpers/compiled.ts'
import { cutConnectionsTo } from '../helpers/cut-connections.ts'
import { freePorts } from '../helpers/free-port.ts'
import { lastState } from '../helpers/last-state.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import type { RequestOrder, RequestState } from '../helpers/request-program.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PROGRAM = compiled('test/helpers/request-program.ts')

test('requests - each request runs at most once, whatever happens to processes and connections', async (t) => {
  t.timeout(100_000)
  // Neither announces nor sees that a node takes requests, as before there were any.
  const today = readFileSync(join(REPOSITORY, 'node-1/index.js'), 'utf8')
  const old = today.replaceAll(/mesh-requests/gi, 'Mesh-Other')
  const ports = await freePorts(t, 4)
  const knownPeers = ports.map((port) => `ws://localhost:${port}`)
  const [a, b, c] = await Promise.all(
    ports.slice(0, 3).map((port) => NodeProcess.create(t, { port })),
  )
  if (a === undefined || b === undefined || c === undefined) return t.fail()
  // Messages that it does not know are told at this level only.
  const settings = { LOG_LEVEL: 'debug' }
  const files = { 'index.js': old }
  const before = await NodeProcess.create(t, {
    port: Number(ports[3]),
    knownPeers,
    settings,
    files,
  })
  const launch = (node: NodeProcess): Promise<void> => {
    const order: RequestOrder = { port: node.port, knownPeers }
    return node.start({ script: PROGRAM, args: [JSON.stringify(order)] })
  }
  const stateOf = (node: NodeProcess): RequestState | undefined => lastState(node)
  const count = (from: NodeProcess, to: NodeProcess, outcome: string): number =>
    stateOf(from)?.outcomes[`ws://localhost:${to.port}`]?.[outcome] ?? 0
  /** Until so many more have this outcome. */
  const until = (from: NodeProcess, to: NodeProcess, outcome: string, more = 20): Promise<void> => {
    const start = count(from, to, outcome)
    return waitUntil(
      () => count(from, to, outcome) >= start + more,
      () => `${outcome}: ${JSON.stringify(stateOf(from))}`,
    )
  }
  const nodes = [a, b, c]
  await Promise.all([...nodes.map(launch), before.start()])
  for (const node of nodes)
    for (const to of nodes) if (node !== to) await until(node, to, 'answered')

  // A broken connection costs none, where this user may break it and it is back within 2 s: on a
  // busy machine that takes more than one try.
  const lost = (): number => count(a, b, 'PEER_GONE') + count(a, b, 'TIMEOUT')
  let tries = 0
  for (let before = -1; before !== lost() && tries < 5; tries += 1) {
    before = lost()
    // Either of them may have dialed the other.
    cutConnectionsTo(t, [a.port, b.port])
    await until(a, b, 'answered')
  }
  t.true(tries < 5)

  b.signal('SIGSTOP')
  await until(a, b, 'TIMEOUT', 5)
  b.signal('SIGCONT')
  await until(a, b, 'answered')

  await c.stop('SIGKILL')
  await until(a, c, 'PEER_GONE', 5)
  await launch(c)
  await until(a, c, 'answered')
  // One that says goodbye.
  await c.stop()
  await until(a, c, 'PEER_GONE', 5)

  await until(a, before, 'NO_RESPONDER')
  t.deepEqual(before.eventsOf('message-ignored'), [])
  t.is(before.connected, 2)
  for (const node of nodes) {
    t.is(stateOf(node)?.twice, 0)
    t.false(JSON.stringify(stateOf(node)?.outcomes).includes('wrong'))
  }
})
