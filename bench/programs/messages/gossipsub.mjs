/** js-libp2p with gossipsub, all connected to all, without encryption, with its own defaults. */

import { setTimeout as delay } from 'node:timers/promises'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { plaintext } from '@libp2p/plaintext'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const TOPIC = 'bench'
const LOOK_MS = 50

/** @type {import('../../messages/transport.ts').Open} */
export const open = async ({ index, ports }, deliver) => {
  const node = await createLibp2p({
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${ports[index]}/ws`] },
    transports: [webSockets()],
    connectionEncrypters: [plaintext()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) },
  })
  const { pubsub } = node.services
  pubsub.addEventListener('message', ({ detail }) => {
    deliver(JSON.parse(new TextDecoder().decode(detail.data)))
  })
  pubsub.subscribe(TOPIC)
  const queue = []
  let isSending = false
  // Hundreds at once overflow its streams, and then nothing comes any more.
  const sendAll = async () => {
    isSending = true
    for (let at = 0; at < queue.length; at += 1) {
      await pubsub.publish(TOPIC, new TextEncoder().encode(JSON.stringify(queue[at])))
    }
    queue.length = 0
    isSending = false
  }
  let hasDialed = false
  return {
    async connect(indices) {
      for (let other = 0; other < index && !hasDialed; other += 1) {
        await node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${ports[other]}/ws`))
      }
      hasDialed = true
      while (pubsub.getSubscribers(TOPIC).length < indices.length - 1) await delay(LOOK_MS)
    },
    publish(body) {
      queue.push(body)
      if (!isSending) sendAll()
    },
  }
}
