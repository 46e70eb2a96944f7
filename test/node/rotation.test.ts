/**
 * The secret of a mesh of ten is changed while nodes come and go. It takes two seconds: links of a
 * withdrawn secret end one a second.
 */

import test from 'ava'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const OLD = `fm1_${'o'.repeat(43)}`
const NEW = `fm1_${'n'.repeat(43)}`
const NODES = 10

/** Nodes that run from the begin to the end: the links between them are of the old secret. */
const LASTING = 3

const TIMINGS = { redialMinMs: 50, redialMaxMs: 1_000 }

interface Member {
  readonly node: MeshNode
  /** What it lost, without nodes that stopped. */
  readonly lost: { readonly address: string; readonly reason: string }[]
}

test('rotation - under churn, only links of the withdrawn secret end, and come back', async (t) => {
  const ports = await freePorts(t, NODES)
  const knownPeers = ports.map((port) => `ws://localhost:${port}`)
  const secrets = ports.map(() => [OLD])
  const members: Member[] = []
  t.teardown(() => Promise.all(members.map(({ node }) => node.stop())))

  const start = async (index: number): Promise<void> => {
    const secret = secrets[index]?.join('\n')
    const port = ports[index] ?? 0
    const node = new MeshNode({ port, secret, knownPeers, timings: TIMINGS })
    const lost: Member['lost'] = []
    node.on('peer-down', ({ address }, { code, reason }) => {
      if (code !== CloseCode.GOING_AWAY) lost.push({ address, reason })
    })
    members[index] = { node, lost }
    await node.start()
  }
  const restart = async (index: number): Promise<void> => {
    await members[index]?.node.stop()
    await start(index)
    await complete()
  }
  const complete = (): Promise<void> => {
    const counts = () => members.map(({ node }) => node.connectedAddresses.length)
    return waitUntil(
      () => counts().every((count) => count === NODES - 1),
      () => `a complete mesh, got ${counts()}`,
    )
  }
  /** One node after the other, as an operator does it; the last one is restarted meanwhile. */
  const replaceAll = async (...all: readonly string[]): Promise<void> => {
    for (const [index, member] of members.entries()) {
      secrets[index] = [...all]
      member.node.replaceSecret(all.join('\n'))
      if (index === LASTING) await restart(NODES - 1)
    }
  }
  const lost = () => members.map((member) => member.lost)

  for (const index of ports.keys()) await start(index)
  await complete()
  await replaceAll(OLD, NEW)
  await replaceAll(NEW, OLD)
  for (let index = LASTING; index < NODES; index += 1) await restart(index)
  t.deepEqual(lost(), Array(NODES).fill([]))

  await replaceAll(NEW)
  await waitUntil(
    () =>
      lost()
        .slice(0, LASTING)
        .every((each) => each.length === LASTING - 1),
    () => `the end of what the old secret made, got ${JSON.stringify(lost())}`,
  )
  await complete()
  const lasting = knownPeers.slice(0, LASTING)
  for (const [index, each] of lost().entries()) {
    const expected = index < LASTING ? lasting.filter((_, other) => other !== index) : []
    t.deepEqual(each.map(({ address }) => address).toSorted(), expected.toSorted())
    t.true(each.every(({ reason }) => reason === 'secret was withdrawn'))
  }
})
