/**
 * A node of js-libp2p with WebSockets, with two seeds, that finds all others by the package
 * pubsub-peer-discovery and dials them. Without encryption, as the others here, and with the limits
 * raised that would keep many nodes on one host apart.
 *
 *     node libp2p.mjs PORT SEED_PORT…
 */

import { bootstrap } from '@libp2p/bootstrap'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { plaintext } from '@libp2p/plaintext'
import { pubsubPeerDiscovery } from '@libp2p/pubsub-peer-discovery'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

const CONNECTIONS_MAX = 10_000

/** How often a node announces its address, and how often it dials missing nodes. */
const PAUSE_MS = 1000

const [port, ...seeds] = process.argv.slice(2).map(Number)

/** Seeds are dialed by their id, so the id of a node follows from its port. */
const keyOf = (ofPort) => {
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, ofPort)
  return generateKeyPairFromSeed('Ed25519', seed)
}

const addressOf = async (ofPort) =>
  `/ip4/127.0.0.1/tcp/${ofPort}/ws/p2p/${peerIdFromPrivateKey(await keyOf(ofPort))}`

const list = await Promise.all(seeds.filter((seed) => seed !== port).map(addressOf))

const node = await createLibp2p({
  privateKey: await keyOf(port),
  addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}/ws`] },
  transports: [webSockets()],
  connectionEncrypters: [plaintext()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  connectionManager: {
    maxConnections: CONNECTIONS_MAX,
    inboundConnectionThreshold: CONNECTIONS_MAX,
    maxIncomingPendingConnections: CONNECTIONS_MAX,
    maxParallelDials: 32,
  },
  peerDiscovery: [bootstrap({ list, timeout: 0 }), pubsubPeerDiscovery({ interval: PAUSE_MS })],
  services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) },
})

const found = new Set()
const dial = (id) => {
  if (node.getConnections(id).length === 0) node.dial(id).catch(() => {})
}

node.addEventListener('peer:discovery', ({ detail: { id } }) => {
  found.add(id)
  dial(id)
})

setInterval(() => {
  const connected = new Set(node.getPeers().map(String))
  for (const id of found) if (!connected.has(String(id))) dial(id)
}, PAUSE_MS)
