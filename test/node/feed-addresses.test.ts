import test from 'ava'
import { FeedAddresses } from '../../src/node/feed-addresses.ts'
import type { Peer } from '../../src/node/peers.ts'
import { FEEDS_MAX } from '../../src/pubsub/limits.ts'

const OWN = { id: 'own', address: 'ws://localhost:4001' }

function peer(id: string | undefined, port: number): Peer {
  const address = `ws://localhost:${port}`
  return { id, address, dialedBy: 'us', since: new Date(0), code: undefined, data: {} }
}

test('feed addresses - those of this node and of connected peers stay, however many others come and go', (t) => {
  const addresses = new FeedAddresses(OWN)
  addresses.peerUp(peer('connected', 4002))
  for (let run = 0; run <= FEEDS_MAX; run += 1) {
    addresses.peerUp(peer(`run ${run}`, 4003))
    addresses.peerDown(peer(`run ${run}`, 4003))
  }
  t.is(addresses.of('own'), OWN.address)
  t.is(addresses.of('connected'), 'ws://localhost:4002')
  t.is(addresses.of(`run ${FEEDS_MAX}`), 'ws://localhost:4003')
  t.is(addresses.of('run 1'), 'ws://localhost:4003', 'the last one at the limit')
  t.is(addresses.of('run 0'), undefined, 'one above')
})

test('feed addresses - a peer that is gone keeps its address, and the earlier runs have our own', (t) => {
  const addresses = new FeedAddresses(OWN)
  addresses.addEarlier(['earlier'])
  addresses.peerUp(peer('gone', 4002))
  addresses.peerDown(peer('gone', 4002))
  t.is(addresses.of('gone'), 'ws://localhost:4002')
  t.is(addresses.of('earlier'), OWN.address)
  t.is(addresses.of('never'), undefined)
})

test('feed addresses - of two nodes with one id, that of the one that was connected first counts', (t) => {
  const addresses = new FeedAddresses(OWN)
  addresses.peerUp(peer('copied', 4002))
  addresses.peerUp(peer('copied', 4003))
  t.is(addresses.of('copied'), 'ws://localhost:4002')
  addresses.peerDown(peer('copied', 4003))
  t.is(addresses.of('copied'), 'ws://localhost:4002')
  addresses.peerUp(peer('copied', 4003))
  addresses.peerDown(peer('copied', 4002))
  t.is(addresses.of('copied'), 'ws://localhost:4003')
})

test('feed addresses - a plain peer has no id, so none is remembered', (t) => {
  const addresses = new FeedAddresses(OWN)
  addresses.peerUp(peer(undefined, 4002))
  addresses.peerDown(peer(undefined, 4002))
  t.is(addresses.of('ws://localhost:4002'), undefined)
})
