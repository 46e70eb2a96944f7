/** `status` of the built file, asked from a node that runs. */

import test from 'ava'
import { parseStatus } from '../../src/http/status.ts'
import { freePort } from '../helpers/free-port.ts'
import { NodeProcess } from '../helpers/node-process.ts'

test('status - of two connected nodes is complete', async (t) => {
  const first = await NodeProcess.start(t)
  const second = await NodeProcess.start(t, { knownPeers: [first.address] })
  await second.reported('peer-joined', { connected: 1 })
  // The folder of the running node, asked by another process of the same program.
  const asker = await NodeProcess.create(t)
  const { code, stdout, stderr } = await asker.run({ args: ['status', '--dir', second.folder] })
  t.is(code, 0, stdout + stderr)
  // Of two connections that were made at once, either may stay.
  t.regex(stdout, new RegExp(`^${first.address}  connected  (?:us|peer) `, 'm'))
  t.regex(stdout, /^all 2 nodes connected$/m)
})

test('status - with --json is a document of the format', async (t) => {
  const node = await NodeProcess.start(t)
  const asker = await NodeProcess.create(t)
  const { stdout } = await asker.run({ args: ['status', '--json', '--dir', node.folder] })
  const parsed = parseStatus(JSON.parse(stdout))
  t.is(parsed.kind, 'status', stdout)
  t.true(parsed.kind === 'status' && parsed.status.node.address === node.address)
})

test('status - has what the nodes tell of themselves in their .env', async (t) => {
  const worker = await NodeProcess.start(t, {
    settings: { NODE_DATA: '{"role": "worker", "name": "anna"}' },
  })
  const node = await NodeProcess.start(t, {
    knownPeers: [worker.address],
    settings: { NODE_DATA: '{"role":"leader"}', LOG_LEVEL: 'debug' },
  })
  await node.reported('peer-data', { address: worker.address })
  const asker = await NodeProcess.create(t)
  const { stdout } = await asker.run({ args: ['status', '--json', '--dir', node.folder] })
  const parsed = parseStatus(JSON.parse(stdout))
  if (parsed.kind !== 'status') return t.fail(parsed.problem)
  t.deepEqual(parsed.status.node.data, { role: 'leader' })
  t.deepEqual(parsed.status.peers[0]?.link?.data, { role: 'worker', name: 'anna' })
  const table = await asker.run({ args: ['status', '--dir', node.folder] })
  t.regex(table.stdout, /role=worker name=anna$/m)
})

test('status - of a node that misses a known peer is not complete', async (t) => {
  const knownPeers = [`ws://localhost:${await freePort(t)}`]
  const node = await NodeProcess.start(t, { knownPeers })
  const asker = await NodeProcess.create(t)
  const { code, stdout } = await asker.run({ args: ['status', '--dir', node.folder] })
  t.is(code, 1, stdout)
  t.true(stdout.includes(`\n${knownPeers[0]}  `), stdout)
})
