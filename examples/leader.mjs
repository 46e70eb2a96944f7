// Leader election: of SIZE nodes, the connected one with the smallest address, if a majority is
// connected. So of two parts of a network at most one keeps a leader. But a node sees a cut of the
// network up to 45 s late: until then there may be two leaders. What a leader does must bear that,
// for example by a store that refuses the older of two.
// `npm run example examples/leader.mjs 3 4101`, then `… 3 4102 ws://localhost:4101` and 4103.

import { MeshNode } from 'fullmesh'

const [size, port, ...knownPeers] = process.argv.slice(2)
const node = new MeshNode({ port: Number(port), knownPeers })
let leader

function elect() {
  const all = [node.address, ...node.connectedAddresses].sort()
  const next = all.length > Number(size) / 2 ? all[0] : undefined
  if (next === leader) return
  leader = next
  if (leader === undefined) console.log('no leader: no majority is connected')
  else console.log(leader === node.address ? 'this node leads' : `${leader} leads`)
}

node.on('peer-up', elect)
node.on('peer-down', elect)
await node.start()
console.log(`listening on ${node.address}`)
process.once('SIGINT', () => node.stop())
