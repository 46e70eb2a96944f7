/**
 * Copies of the built node-1 as processes: whatever order they come and go in, the mesh becomes
 * complete.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { BUNDLE, DENO, NODE, NodeProcess } from '../helpers/node-process.ts'
import { run, temporaryRoot } from '../tools/run-tool.ts'

for (const count of [3, 10]) {
  test.serial(`mesh - ${count} nodes started at once become complete`, async (t) => {
    const nodes = await createNodes(t, count)
    await Promise.all(nodes.map((node) => node.start()))
    await t.notThrowsAsync(waitUntilComplete(nodes))
  })
}

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const

for (const order of ORDERS) {
  const title = order.map((index) => `node-${index + 1}`).join(', ')
  test.serial(`mesh - is complete when started in the order ${title}`, async (t) => {
    const nodes = await createNodes(t, 3)
    for (const index of order) await nodes[index]?.start()
    await t.notThrowsAsync(waitUntilComplete(nodes))
  })
}

for (const [index, name] of ['a known peer', 'a node that nobody knows'].entries()) {
  test.serial(`mesh - is complete again after kill -9 and restart of ${name}`, async (t) => {
    const nodes = await createNodes(t, 3)
    await Promise.all(nodes.map((node) => node.start()))
    await waitUntilComplete(nodes)
    const victim = nodes[index]
    t.is((await victim?.stop('SIGKILL'))?.code, 'SIGKILL')
    await waitUntilComplete(nodes.filter((node) => node !== victim))
    await victim?.start()
    await t.notThrowsAsync(waitUntilComplete(nodes))
  })
}

test.serial('mesh - Node and Deno form one', async (t) => {
  const [one, two, three] = await createNodes(t, 3, { runtime: DENO })
  if (!one || !two || !three) return t.fail()
  const four = await NodeProcess.create(t, { runtime: NODE, knownPeers: [three.address] })
  const five = await NodeProcess.create(t, { runtime: NODE, knownPeers: [two.address] })
  const nodes = [one, two, three, four, five]
  await Promise.all(nodes.map((node) => node.start()))
  await t.notThrowsAsync(waitUntilComplete(nodes))
  for (const node of nodes) t.like(await node.stop(), { code: 0, stderr: '' })
})

test.serial('mesh - clones of node-1 differ in nothing but .env', async (t) => {
  const root = temporaryRoot(t, {
    'index.js': BUNDLE.toString(),
    '.env': 'PORT=4001\n',
    'known-peers.json': '["ws://localhost:4001", "ws://localhost:4003"]\n',
  })
  t.is((await run(t, 'clone-node.ts', ['--root', root, '2'])).code, 0)
  const contents = ['node-1', 'node-2', 'node-3'].map((name) => contentsOf(join(root, name)))
  const [first, ...clones] = contents.map(({ '.env': _env, ...rest }) => rest)
  for (const clone of clones) t.deepEqual(clone, first)
  t.is(new Set(contents.map((files) => files['.env'])).size, 3)
})

/** Every file of a folder, byte for byte. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).sort()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}
