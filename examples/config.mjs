// Configuration by one writer: the others have its latest value, also those that start later, and
// take it from nobody else. `npm run example examples/config.mjs write 4101`, where you type
// values, then `… ws://localhost:4101 4102`.

import { createInterface } from 'node:readline'
import { MeshNode } from 'fullmesh'

const [writer, port] = process.argv.slice(2)
const isWriter = writer === 'write'
const node = new MeshNode({ port: Number(port), knownPeers: isWriter ? [] : [writer] })
/** `run`: when the writer started, whose clock must not go back; `version`: its number there. */
let config = { run: isWriter ? Date.now() : 0, version: 0, value: '' }

function take(next) {
  // The last one of its earlier run stays.
  if (next.version === 0) return console.log('the writer has no value yet')
  // What was asked for, or was published in an earlier run, may come after what is newer.
  if (next.run < config.run) return
  if (next.run === config.run && next.version <= config.version) return
  config = next
  console.log(`value ${config.version}: ${config.value}`)
}

if (isWriter) node.respond('config', () => config)
else {
  node.subscribe('config', ({ from, body }) => from === writer && take(body))
  node.on('peer-up', async ({ address }) => {
    if (address !== writer) return
    await node.request(address, 'config', null).then(take, ({ code }) => console.log(code))
  })
}
await node.start()
// Ctrl-C: the others do not wait for a node that stops.
process.on('SIGINT', () => node.stop().then(() => process.exit()))
console.log(`listening on ${node.address}`)
for await (const value of createInterface({ input: process.stdin })) {
  if (!isWriter) continue
  config = { ...config, version: config.version + 1, value }
  node.publish('config', config)
}
await node.stop()
