// A job queue by request: each line is a job, and workers take turns. A job whose worker is lost
// goes to another one. It may then run twice, so it has a key by which a store can tell that it is
// done. `npm run example examples/jobs.mjs work 4101`, `… work 4102 ws://localhost:4101`, then `…
// give 4103 ws://localhost:4101`, where you type jobs.

import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { MeshNode } from 'fullmesh'

/** How long a job may take, in ms: then another worker gets it, even if the first still runs it. */
const JOB_MS = 60 * 60_000

const [role, port, ...knownPeers] = process.argv.slice(2)
const node = new MeshNode({ port: Number(port), knownPeers, data: { role } })
let turn = 0

async function give(job) {
  for (;;) {
    const workers = node.peers.filter(({ data }) => data.role === 'work')
    turn += 1
    const worker = workers[turn % workers.length]
    try {
      if (worker === undefined) await delay(500)
      else {
        const result = await node.request(worker, 'job', job, { timeoutMs: JOB_MS })
        return console.log(`${worker.address}: ${result}`)
      }
    } catch (error) {
      // Without a code nothing was sent, nor ever would be: the job is too large.
      if (error.code === undefined) return console.log(`given up: ${error.message}`)
      // RESPONDER_FAILED is the worker's answer. After any other code another one has its turn.
      if (error.code === 'RESPONDER_FAILED') return console.log(`failed: ${error.cause}`)
      console.log(`again: ${error.code}`)
      await delay(100)
    }
  }
}

if (role === 'work') {
  node.respond('job', async ({ body: { key, text } }) => {
    console.log(`job ${key}: ${text}`)
    if (text === '') throw new Error('an empty job')
    return text.toUpperCase()
  })
}
await node.start()
// Ctrl-C: the others do not wait for a node that stops.
process.on('SIGINT', () => node.stop().then(() => process.exit()))
console.log(`listening on ${node.address}`)
const given = []
for await (const text of createInterface({ input: process.stdin })) {
  given.push(give({ key: randomUUID(), text }))
}
await Promise.all(given)
await node.stop()
