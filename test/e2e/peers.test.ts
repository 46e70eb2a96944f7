/** `add-peer` and `forget` of the built file, and a mesh that a node leaves for good. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { ask } from '../helpers/http-handler.ts'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { waitUntil } from '../helpers/wait-until.ts'

async function waitForHealth(node: NodeProcess, status: number): Promise<void> {
  await waitUntil(
    async () => (await ask(node.port, '/health?complete')).status === status,
    () => `/health?complete with ${status}\n${node.output}`,
  )
}

test('peers - a mesh is complete again when its nodes forget the one that was killed', async (t) => {
  const nodes = await createNodes(t, 3)
  const [first, killed, last] = nodes
  if (first === undefined || killed === undefined || last === undefined) throw new RangeError()
  const left = [first, last]
  const asker = await NodeProcess.create(t)
  const run = (word: string, node: NodeProcess, ...more: readonly string[]) =>
    asker.run({ args: [word, ...more, '--dir', node.folder] })
  for (const node of nodes) await node.start()
  await waitUntilComplete(nodes)
  const refused = await run('forget', first, killed.address)
  t.is(refused.code, 1)
  t.is(
    refused.stderr,
    `${killed.address} is connected, and would connect again; stop that node first\n`,
  )

  await killed.stop('SIGKILL')
  for (const node of left) await waitForHealth(node, 503)
  t.regex((await run('status', first)).stdout, /^2 of 3 nodes connected, 1 missing$/m)
  for (const node of left) {
    const { code, stdout, stderr } = await run('forget', node, killed.address)
    t.is(code, 0, stderr)
    t.is(stdout, `${killed.address} is not in known-peers.json; the running node forgot it\n`)
    await waitForHealth(node, 200)
  }
  t.regex((await run('status', first)).stdout, /^all 2 nodes connected$/m)

  await killed.start()
  await waitUntilComplete(nodes)
  for (const node of nodes) await waitForHealth(node, 200)
  t.regex((await run('status', first)).stdout, /^all 3 nodes connected$/m)
})

test('peers - two running nodes meet when one is given the address of the other', async (t) => {
  const [one, two] = [await NodeProcess.start(t), await NodeProcess.start(t)]
  const asker = await NodeProcess.create(t)
  const { code, stdout, stderr } = await asker.run({
    args: ['add-peer', two.address, '--dir', one.folder],
  })
  t.is(code, 0, stderr)
  t.is(stdout, `added ${two.address} to known-peers.json; the running node dials it\n`)
  await waitUntilComplete([one, two])
  const text = readFileSync(join(one.folder, 'known-peers.json'), 'utf8')
  t.deepEqual(JSON.parse(text), [two.address])
})

test('peers - the commands are configuration errors without an address, and without a folder', async (t) => {
  const node = await NodeProcess.create(t)
  for (const word of ['add-peer', 'forget']) {
    for (const args of [[word], [word, 'x'], [word, node.address, '--dir', 'none']]) {
      const { code, stdout, stderr } = await node.run({ args })
      t.is(code, 2, args.join(' '))
      t.is(stdout, '')
      t.regex(stderr, /^[^\n]+\n$/)
    }
  }
})
