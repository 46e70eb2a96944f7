/** The library on Deno and on Bun: what is stored, and what is asked, with a peer on Node. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readSmallFile } from '../../src/storage/small-file.ts'
import { compiled } from '../helpers/compiled.ts'
import { DENO_PROGRAM, NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { DATA, type StoredOrder } from '../helpers/stored-program.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { FETCH_MS, runtimeCalled } from './runtimes.ts'

/** What docs/CONFIGURATION.md gives a node that stores. */
const DENO_FLAGS = ['--allow-net', '--allow-read=.', '--allow-write=data', '--ignore-env'] as const

const RUNTIMES: Readonly<Record<string, () => Promise<Runtime>>> = {
  'Deno 2': async () => [DENO_PROGRAM, 'run', '--no-prompt', ...DENO_FLAGS],
  'Bun 1': () => runtimeCalled('Bun 1'),
}

test.before('fetches the runtimes of stored messages', async (t) => {
  t.timeout(FETCH_MS)
  for (const runtime of Object.values(RUNTIMES)) t.truthy(await runtime())
})

/** The numbers of a feed in the lines of such a kind. */
function numbersOf(node: NodeProcess, kind: string, feed: string): readonly number[] {
  const start = `${kind} ${feed} `
  return node.lines
    .filter((line) => line.startsWith(start))
    .map((line) => Number.parseInt(line.slice(start.length), 10))
}

/** The feed of the latest run. */
function feedOf(node: NodeProcess): string {
  return node.lines.find((line) => line.startsWith('stored '))?.split(' ')[1] ?? 'none'
}

for (const [name, runtimeOf] of Object.entries(RUNTIMES)) {
  test.serial(`runtimes - ${name} asks, stores, and goes on after kill -9`, async (t) => {
    // One file, as the bundle is.
    const program = compiled('test/helpers/stored-program.ts', { isWhole: true })
    const script = readFileSync(program, 'utf8')
    const create = (runtime: Runtime) =>
      NodeProcess.create(t, { runtime, files: { 'index.js': undefined, 'program.mjs': script } })
    const peer = await create(NODE)
    const node = await create(await runtimeOf())
    const start = (one: NodeProcess, ...knownPeers: readonly string[]) => {
      const order: StoredOrder = { port: one.port, knownPeers }
      return one.start({ script: 'program.mjs', args: [JSON.stringify(order)] })
    }
    const until = (condition: () => boolean) =>
      waitUntil(condition, () => node.output.slice(-2_000))
    await start(peer)
    await start(node, peer.address)
    const answers = ({ lines }: NodeProcess) => lines.filter((line) => line.startsWith('answer '))
    await until(() => [peer, node].every((one) => answers(one).length >= 20))
    for (const line of [peer, node].flatMap(answers)) {
      const [, asked, answer] = line.split(' ').map(Number)
      t.is(answer, Number(asked) * 2)
    }
    const place = join(node.folder, DATA, 'one.place')
    await until(() => JSON.parse(readSmallFile(place) ?? '{}')[feedOf(peer)] >= 10)
    const feeds = { own: feedOf(node), peer: feedOf(peer) }
    await node.stop('SIGKILL')
    const stored = numbersOf(node, 'stored', feeds.own)
    const before = Object.values(feeds).map((feed) => numbersOf(node, 'handled', feed))
    const told = numbersOf(peer, 'stored', feeds.peer).length
    await until(() => numbersOf(peer, 'stored', feeds.peer).length > told + 20)

    await start(node, peer.address)
    await until(() => numbersOf(node, 'handled', feeds.peer).some((n) => n > told + 30))
    await until(() => numbersOf(node, 'handled', feedOf(node)).length > 0)
    const [own, theirs] = Object.values(feeds).map((feed, index) => {
      const [first = [], second] = [before[index], numbersOf(node, 'handled', feed)]
      // It goes on, and what came again had just been handled.
      t.true((second[0] ?? 2) > 1, `${second[0]} after ${first.at(-1)}`)
      return [...new Set([...first, ...second])]
    })
    for (const handled of [own, theirs]) {
      t.deepEqual(
        handled,
        handled?.map((_, index) => index + 1),
      )
    }
    t.true((own?.length ?? 0) >= stored.length)
    t.notRegex(node.history, /^(?:gap|no answer) /m)
  })
}
