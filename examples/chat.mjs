// A chat: what one types, all see. `npm run example examples/chat.mjs 4101`, and in other terminals
// `npm run example examples/chat.mjs 4102 ws://localhost:4101` and so on.

import { createInterface } from 'node:readline'
import { MeshNode } from 'fullmesh'

const [port, ...knownPeers] = process.argv.slice(2)
const node = new MeshNode({ port: Number(port), knownPeers })
node.on('peer-up', ({ address }) => console.log(`${address} joined`))
node.on('peer-down', ({ address }) => console.log(`${address} left`))
node.subscribe('chat.>', ({ from, body }) => console.log(`${from}: ${body}`), { echo: false })
await node.start()
// Ctrl-C: the others do not wait for a node that stops.
process.on('SIGINT', () => node.stop().then(() => process.exit()))
console.log(`listening on ${node.address}`)
for await (const line of createInterface({ input: process.stdin })) node.publish('chat.all', line)
await node.stop()
