// The bonus of the course: a TRANSACTION that reaches every node once, whoever sends it. There is
// nothing to forward and no list of those that were seen: each node has a connection to each other,
// and a message has a number in the feed of its sender.
// `npm run example examples/transaction.mjs 4101`, then `… 4102 ws://localhost:4101`, and type.

import { createInterface } from 'node:readline'
import { MeshNode } from 'fullmesh'

const [port, ...knownPeers] = process.argv.slice(2)
const node = new MeshNode({ port: Number(port), knownPeers })
const ledger = []

node.subscribe(
  'transactions',
  ({ body, from, seq }) => {
    ledger.push(body)
    console.log(`${body.type} ${ledger.length}: ${body.data} (number ${seq} of ${from})`)
  },
  // Also what was sent while the connection to its sender was not there yet.
  { history: 'run' },
)
await node.start()
// Ctrl-C: the others do not wait for a node that stops.
process.on('SIGINT', () => node.stop().then(() => process.exit()))
console.log(`listening on ${node.address}`)
for await (const data of createInterface({ input: process.stdin })) {
  node.publish('transactions', { type: 'TRANSACTION', data })
}
await node.stop()
