// Leader election: of SIZE nodes, the node for which a majority votes. Each votes for the smallest
// address that it is connected to, its own included. It has one vote, so there are two leaders only
// while one of them has not read that a vote has changed: for a second or so, and up to 45 s after
// a cut of the network. What a leader does must bear that, for example by a store that refuses the
// older of two. And while some connections are cut, there may be no leader.
// `npm run example examples/leader.mjs 3 4101`, then `… 3 4102 ws://localhost:4101` and 4103.

import { MeshNode } from 'fullmesh'

const [size, port, ...knownPeers] = process.argv.slice(2)
const node = new MeshNode({ port: Number(port), knownPeers })
let leader

function elect() {
  const [vote] = [node.address, ...node.connectedAddresses].sort()
  node.data = { vote }
  const votes = [vote, ...node.peers.map(({ data }) => data.vote)]
  const countOf = (address) => votes.filter((one) => one === address).length
  const next = votes.find((address) => countOf(address) > Number(size) / 2)
  if (next === leader) return
  leader = next
  if (leader === undefined) console.log('no leader: no majority votes for one')
  else console.log(leader === node.address ? 'this node leads' : `${leader} leads`)
}

node.on('peer-up', elect)
node.on('peer-down', elect)
node.on('peer-data', elect)
await node.start()
process.on('SIGINT', () => node.stop())
console.log(`listening on ${node.address}`)
// Alone in a mesh of one it leads at once.
elect()
