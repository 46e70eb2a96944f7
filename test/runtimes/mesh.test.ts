/**
 * One file, six runtimes: they are one mesh, whoever dials whom, whoever dies, and each stops when
 * it is asked.
 */

import test, { type ExecutionContext } from 'ava'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { dialsAmong } from '../helpers/socket-table.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { FETCH_MS, RUNTIME_NAMES, type RuntimeName, runtimeCalled } from './runtimes.ts'

/** A mesh of all runtimes. */
interface Plan {
  /** The order in which they are started. */
  readonly order: readonly RuntimeName[]
  /** Who is killed and comes back, one after the other. */
  readonly victims: readonly RuntimeName[]
}

const HALF = RUNTIME_NAMES.length / 2

/** The second order is the first one turned round, so that each runtime dials each other one. */
const PLANS: readonly Plan[] = [
  { order: RUNTIME_NAMES, victims: RUNTIME_NAMES.slice(0, HALF) },
  { order: [...RUNTIME_NAMES].reverse(), victims: RUNTIME_NAMES.slice(HALF) },
]

test.before('fetches the runtimes', async (t) => {
  t.timeout(FETCH_MS)
  for (const name of RUNTIME_NAMES) t.truthy(await runtimeCalled(name))
})

test.serial('runtimes - every one dials every other one, is killed, and gets both signals', (t) => {
  const dials = new Set(PLANS.flatMap(({ order }) => dialsIn(order)))
  t.is(dials.size, RUNTIME_NAMES.length * (RUNTIME_NAMES.length - 1))
  t.deepEqual(new Set(PLANS.flatMap(({ victims }) => victims)), new Set(RUNTIME_NAMES))
  const signals = new Set(
    PLANS.flatMap(({ order }) => order.map((name, index) => `${name} ${signalFor(index)}`)),
  )
  t.is(signals.size, 2 * RUNTIME_NAMES.length)
})

for (const { order, victims } of PLANS) {
  test.serial(`runtimes - ${order.join(', ')}: a mesh, also after kill -9 of three`, async (t) => {
    const crew = await crewOf(t, order, {})
    const nodes = crew.map(({ node }) => node)
    for (const [index, node] of nodes.entries()) {
      await node.start()
      await waitUntilDialed(crew.slice(0, index + 1))
      await waitUntilComplete(nodes.slice(0, index + 1))
    }

    for (const victim of victims) {
      const killed = crew.find(({ name }) => name === victim)?.node
      t.is((await killed?.stop('SIGKILL'))?.code, 'SIGKILL', victim)
      await waitUntilComplete(nodes.filter((node) => node !== killed))
      await killed?.start()
      await waitUntilComplete(nodes)
    }

    for (const [index, { name, node }] of crew.entries()) {
      t.like(await node.stop(signalFor(index)), { code: 0, stderr: '' }, name)
    }
  })
}

/** Its silence must be noticed on every other runtime, and nobody else's. */
test.serial(
  'runtimes - started at once they are one mesh, also after one stood still',
  async (t) => {
    const nodes = (await crewOf(t, RUNTIME_NAMES, QUICK_TIMINGS)).map(({ node }) => node)
    await Promise.all(nodes.map((node) => node.start()))
    await waitUntilComplete(nodes)
    for (const frozen of [nodes.at(0), nodes.at(-1)]) {
      frozen?.signal('SIGSTOP')
      const awake = nodes.filter((node) => node !== frozen)
      await waitUntil(
        () => awake.every((node) => node.connected === awake.length - 1),
        () => `the frozen one is dropped\n${awake.map((node) => node.output).join('\n')}`,
      )
      for (const node of awake) {
        await node.reported('peer-left', {
          address: frozen?.address ?? '',
          ending: { by: 'us', code: 4005 },
        })
      }
      frozen?.signal('SIGCONT')
      await waitUntilComplete(nodes)
    }
    assertNoUnhandledErrors(t, nodes)
  },
)

interface Member {
  readonly name: RuntimeName
  readonly node: NodeProcess
}

/** Nodes that know the first of them. */
async function crewOf(
  t: ExecutionContext,
  order: readonly RuntimeName[],
  settings: Readonly<Record<string, string>>,
): Promise<readonly Member[]> {
  const ports = await freePorts(t, order.length)
  const knownPeers = [`ws://localhost:${ports[0]}`]
  return Promise.all(
    order.map(async (name, index) => {
      const port = ports[index] ?? 0
      const runtime = await runtimeCalled(name)
      return { name, node: await NodeProcess.create(t, { port, knownPeers, settings, runtime }) }
    }),
  )
}

/** How the one in this place is asked to stop. */
function signalFor(index: number): 'SIGINT' | 'SIGTERM' {
  return index % 2 === 0 ? 'SIGINT' : 'SIGTERM'
}

/** Who dials whom when they join one after the other: everybody those who are there. */
function dialsIn(order: readonly RuntimeName[]): readonly string[] {
  return order.flatMap((name, index) => {
    return order.slice(0, index).map((earlier) => `${name} -> ${earlier}`)
  })
}

/**
 * Waits until the kernel has shown a connection from the last one to each of the others. Not all at
 * one time: a second later, the others verify its address, and that can turn a connection round.
 */
async function waitUntilDialed(crew: readonly Member[]): Promise<void> {
  const newest = crew.at(-1)?.name
  const missing = new Set(
    dialsIn(crew.map(({ name }) => name)).filter((dial) => {
      return dial.startsWith(`${newest} -> `)
    }),
  )
  await waitUntil(
    () => {
      for (const dial of seenDials(crew)) missing.delete(dial)
      return missing.size === 0
    },
    () => `${[...missing].join(', ')}\n${crew.map(({ node }) => node.output).join('\n')}`,
  )
}

/** Who has dialed whom, by the kernel's word. */
function seenDials(crew: readonly Member[]): readonly string[] {
  const nameOf = (port: number) => crew.find(({ node }) => node.port === port)?.name
  const dials = dialsAmong(crew.map(({ node }) => node))
  return dials.map(({ from, to }) => `${nameOf(from)} -> ${nameOf(to)}`).sort()
}
