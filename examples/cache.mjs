// Cache invalidation: each process caches what it reads of a slow store, here a file of JSON, and
// drops a value when any process has written it. Whoever may have missed that drops all: after a
// gap, and when a process is gone, which may have written and been killed before it could tell.
// `npm run example examples/cache.mjs store.json 4101`, then `… store.json 4102
// ws://localhost:4101`; type `get KEY` and `set KEY VALUE`.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { MeshNode } from 'fullmesh'

const [file, port, ...knownPeers] = process.argv.slice(2)
const cache = new Map()
const node = new MeshNode({ port: Number(port), knownPeers })
const dropAll = () => cache.clear()
node.subscribe('cache.written', ({ body }) => cache.delete(body), { onGap: dropAll })
node.on('peer-down', dropAll)

const read = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})

function get(key) {
  const from = cache.has(key) ? 'cache' : 'store'
  if (from === 'store') cache.set(key, read()[key])
  console.log(`${key} is ${cache.get(key)}, from the ${from}`)
}

function set(key, value) {
  // Under another name first: nobody reads a file of which half is written.
  writeFileSync(`${file}.${port}`, JSON.stringify({ ...read(), [key]: value }))
  renameSync(`${file}.${port}`, file)
  // After the write: whoever drops the value reads the new one.
  node.publish('cache.written', key)
}

await node.start()
// Ctrl-C: the others do not wait for a node that stops.
process.on('SIGINT', () => node.stop().then(() => process.exit()))
console.log(`listening on ${node.address}`)
for await (const line of createInterface({ input: process.stdin })) {
  const [word, key, ...value] = line.split(' ')
  if (word === 'get') get(key)
  else if (word === 'set') set(key, value.join(' '))
}
await node.stop()
