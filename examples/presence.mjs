// Presence: who is here, by name, and what each is doing. A line that you type is what you do now.
// `npm run example examples/presence.mjs anna 4101`, then `… bob 4102 ws://localhost:4101`.

import { createInterface } from 'node:readline'
import { MeshNode } from 'fullmesh'

const [name, port, ...knownPeers] = process.argv.slice(2)
const node = new MeshNode({ port: Number(port), knownPeers, data: { name, doing: 'nothing' } })

function show() {
  const all = [node.data, ...node.peers.map(({ data }) => data)]
  const words = all
    .filter((one) => one.name !== undefined)
    .map((one) => `${one.name}: ${one.doing}`)
  console.log(`here: ${words.sort().join(', ')}`)
}

// The data of a peer comes just after peer-up.
node.on('peer-data', show)
node.on('peer-down', show)
await node.start()
// Ctrl-C: the others do not wait for a node that stops.
process.on('SIGINT', () => node.stop().then(() => process.exit()))
console.log(`listening on ${node.address}`)
for await (const doing of createInterface({ input: process.stdin })) {
  node.data = { name, doing }
  show()
}
await node.stop()
