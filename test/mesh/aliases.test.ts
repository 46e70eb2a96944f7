import test from 'ava'
import { loopbackSpellings } from '../../src/mesh/address/address.ts'
import {
  BOOK_ADDRESSES_MAX,
  OWN_ALIAS_MS_MAX,
  OWN_ALIAS_PAUSES_MS,
  SHARED_NAME_REDIAL_MS,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, meshId, PLAIN, startNode } from '../helpers/core.ts'

const PEER = identityAt(4002)
const ALIAS = address('ws://127.0.0.1:4002')

/** A node on a network, where host names may be learned, and another name of it. */
const ON_NETWORK = { ownAddresses: [address('ws://192.168.0.1:4001')] } as const
const OWN_ALIAS = address('ws://node.example:4001')
const PEER_ON_NETWORK = address('ws://192.168.0.2:4002')

test('aliases - a peer reached by another spelling counts under the address that it announces', (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  node.reaches(ALIAS, PEER)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.attempting, [])
  t.deepEqual(node.handshakes[0]?.addresses, [at(4001), at(4002)])
  t.deepEqual(node.eventsOf('alias-found'), [{ kind: 'alias-found', address: ALIAS, of: at(4002) }])
})

test('aliases - another spelling of a peer is not dialed again', (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  const link = node.reaches(ALIAS, PEER)
  node.receivesHandshake(link, [ALIAS])
  t.deepEqual(node.dials, [])
})

test("aliases - the operator's spelling is dialed again once the peer is given up", (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  node.loses(node.reaches(ALIAS, PEER))
  node.waits(1_000)
  t.deepEqual(node.dials, [at(4002)])
  node.failsToReach(at(4002))
  t.deepEqual(node.dials, [ALIAS])
})

test("aliases - the operator's spelling is dialed again when the book has no room for the peer", (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  for (let from = 0; from < BOOK_ADDRESSES_MAX; from += 1_000) {
    const addresses = Array.from({ length: 1_000 }, (_, n) => at(10_000 + from + n))
    node.receivesHandshake(node.accepts(PLAIN), addresses)
  }
  node.loses(node.reaches(ALIAS, PEER))
  t.deepEqual(node.dials, [ALIAS])
})

/** A node that has learned a name of a peer on a network, and reached it by that name. */
function nodeWithLearnedAlias(): ReturnType<typeof startNode> {
  const node = startNode(ON_NETWORK)
  node.receivesHandshake(node.accepts(PLAIN), [PEER_NAME])
  node.reaches(PEER_NAME, identityAt(4002, { address: PEER_ON_NETWORK }))
  return node
}

const PEER_NAME = address('ws://peer.example:4002')
/** Another node, which announces that name. */
const NAMED = identityAt(4003, { address: PEER_NAME })

test('aliases - one that a stranger claimed is forgotten with its link', (t) => {
  const node = nodeWithLearnedAlias()
  const { book } = node.mesh.sizes()
  node.loses(node.accepts(NAMED))
  t.is(node.mesh.sizes().book, book)
})

test('aliases - one that became the address of another node is dialed again when that is lost', (t) => {
  const node = nodeWithLearnedAlias()
  const claimed = node.accepts(NAMED)
  node.waits(1_000)
  const dialed = node.reaches(PEER_NAME, NAMED)
  node.loses(claimed)
  node.loses(dialed)
  node.waits(1_000)
  t.deepEqual(node.connected, [PEER_ON_NETWORK])
  t.true(node.dials.includes(PEER_NAME))
})

test('aliases - a peer that announces an address we may not dial counts under the one we dialed', (t) => {
  const own = address('ws://192.168.0.1:4001')
  const dialed = address('ws://192.168.0.2:4002')
  const node = startNode({ ownAddresses: [own], knownPeers: [dialed] })
  node.reaches(dialed, identityAt(4002))
  t.deepEqual(node.connected, [dialed])
})

test('own aliases - no spelling of a loopback port that we listen on is dialed', (t) => {
  const [own, ...others] = loopbackSpellings(4001)
  if (own === undefined) return t.fail()
  const node = startNode({ ownAddresses: [own, ...others], knownPeers: loopbackSpellings(4001) })
  t.deepEqual(node.dials, [])
  node.receivesHandshake(node.accepts(PLAIN), loopbackSpellings(4001))
  t.deepEqual(node.dials, [])
})

test('own aliases - no path on a loopback port that we listen on is dialed', (t) => {
  const node = startNode({ ownAddresses: [at(4001), ...loopbackSpellings(4001)] })
  const paths = loopbackSpellings(4001).map((spelling) => `${spelling}/path`)
  node.receivesHandshake(node.accepts(PLAIN), paths)
  t.deepEqual(node.dials, [])
  t.deepEqual(node.eventsOf('addresses-refused'), [])
})

test('own aliases - another path on our own address is dialed: behind a proxy it may be another node', (t) => {
  const node = startNode({ ownAddresses: [address('wss://proxy.example/node-1')] })
  node.receivesHandshake(node.accepts(PLAIN), ['wss://proxy.example/node-2'])
  t.deepEqual(node.dials as readonly string[], ['wss://proxy.example/node-2'])
})

test('own aliases - a dial that reaches ourselves is closed, and its address is not dialed for 30 s', (t) => {
  const node = startNode(ON_NETWORK)
  const dialer = node.accepts(PLAIN)
  node.receivesHandshake(dialer, [OWN_ALIAS])
  t.deepEqual(node.dials, [OWN_ALIAS])
  const link = node.reachesItself(OWN_ALIAS)
  t.deepEqual(node.closes, [
    { link, code: CloseCode.SELF, reason: 'dialer and acceptor are the same node' },
  ])
  t.deepEqual(node.eventsOf('self-found'), [{ kind: 'self-found', address: OWN_ALIAS }])
  t.deepEqual(node.connected, [])
  t.deepEqual(node.attempting, [])
  node.waits(OWN_ALIAS_MS_MAX - 1)
  node.receivesHandshake(dialer, [OWN_ALIAS])
  t.deepEqual(node.dials, [])
  node.waits(1)
  node.receivesHandshake(dialer, [OWN_ALIAS])
  t.deepEqual(node.dials, [OWN_ALIAS])
})

test("own aliases - the operator's address that reached ourselves is dialed again after 1, 2, 5, 10 s, then every 30 s", (t) => {
  const node = startNode({ ...ON_NETWORK, knownPeers: [OWN_ALIAS] })
  for (const pauseMs of [...OWN_ALIAS_PAUSES_MS, OWN_ALIAS_MS_MAX]) {
    node.reachesItself(OWN_ALIAS)
    node.waits(pauseMs - 1)
    t.deepEqual(node.dials, [])
    node.waits(1)
    t.deepEqual(node.dials, [OWN_ALIAS])
  }
  node.reachesItself(OWN_ALIAS)
  t.deepEqual(node.eventsOf('self-found'), [], 'said once')
})

test("own aliases - the operator's address that led to another node in between begins again with 1 s", (t) => {
  const node = startNode({ ...ON_NETWORK, knownPeers: [OWN_ALIAS] })
  node.reachesItself(OWN_ALIAS)
  node.waits(OWN_ALIAS_PAUSES_MS[0])
  node.loses(node.reaches(OWN_ALIAS, PLAIN))
  node.reachesItself(OWN_ALIAS)
  node.waits(OWN_ALIAS_PAUSES_MS[0])
  t.deepEqual(node.dials, [OWN_ALIAS])
})

test("own aliases - the operator's address of a peer closed for it is dialed again", (t) => {
  const node = startNode({ ...ON_NETWORK, knownPeers: [OWN_ALIAS] })
  node.accepts(identityAt(4002, { address: OWN_ALIAS }))
  node.reachesItself(OWN_ALIAS)
  t.deepEqual(node.closeCodes, [CloseCode.SELF, CloseCode.ADDRESS_TAKEN])
  node.waits(OWN_ALIAS_PAUSES_MS[0])
  t.deepEqual(node.dials, [OWN_ALIAS])
})

test('own aliases - the accepted end of a dial to ourselves closes without an event', (t) => {
  const node = startNode()
  node.accepts(node.identity)
  t.deepEqual(node.closeCodes, [CloseCode.SELF])
  t.deepEqual(node.events, [])
})

test('own aliases - a peer that claimed an address that proves to be ours is closed', (t) => {
  const node = startNode(ON_NETWORK)
  const impostor = node.accepts(identityAt(4002, { address: OWN_ALIAS }))
  node.waits(1_000)
  node.reachesItself(OWN_ALIAS)
  t.true(node.closes.some((close) => close.link === impostor))
  t.deepEqual(node.connected, [])
})

test("aliases - the operator's spelling is dialed again when the peer announces an address of ours", (t) => {
  const node = startNode({ ...ON_NETWORK, knownPeers: [PEER_ON_NETWORK] })
  node.reaches(PEER_ON_NETWORK, identityAt(4002, { address: OWN_ALIAS }))
  node.waits(1_000)
  node.reachesItself(OWN_ALIAS)
  t.deepEqual(node.dials, [PEER_ON_NETWORK])
})

test("aliases - peers that announce each other's address are both dialed again", (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  const first = node.reaches(at(4002), identityAt(4003, { id: meshId(9_998) }))
  const second = node.reaches(at(4003), identityAt(4002, { id: meshId(9_999) }))
  node.loses(first)
  node.loses(second)
  const dials = new Set<string>()
  for (let seconds = 0; seconds < 10; seconds += 1) {
    node.waits(1_000)
    for (const one of node.attempting) {
      dials.add(one)
      node.failsToReach(one)
      for (const dialed of node.dials) dials.add(dialed)
    }
  }
  t.deepEqual([...dials].toSorted(), [at(4002), at(4003)])
})

test("aliases - the operator's spelling is dialed again when the book dropped the peer for another", (t) => {
  const node = startNode({ knownPeers: [ALIAS], random: () => 0.99 })
  const link = node.reaches(ALIAS, PEER)
  node.waits(100)
  node.loses(link)
  for (let from = 0; from < BOOK_ADDRESSES_MAX; from += 1_000) {
    const addresses = Array.from({ length: 1_000 }, (_, n) => at(10_000 + from + n))
    node.receivesHandshake(node.accepts(PLAIN), addresses)
  }
  const dials: string[] = []
  for (let seconds = 0; seconds < 10 && !dials.includes(ALIAS); seconds += 1) {
    while (node.attempting[0] !== undefined && !dials.includes(ALIAS)) {
      node.failsToReach(node.attempting[0])
      dials.push(...node.dials)
    }
    node.waits(1_000)
    dials.push(...node.dials)
  }
  t.true(dials.includes(ALIAS))
})

test('aliases - a known name with several IPs is dialed again every 30 s, since it can lead to other peers', (t) => {
  const shared = address('ws://mesh.example:4001')
  const peers = ['ws://10.0.0.2:4001', 'ws://10.0.0.3:4001'].map((text, index) =>
    identityAt(4002 + index, { address: text }),
  )
  const node = startNode({ ...ON_NETWORK, knownPeers: [shared] })
  const reach = (index: number): void => {
    const link = node.newLinkId()
    const identity = peers[index]
    node.handle({ kind: 'dial-succeeded', address: shared, link, identity, ips: 3 })
    node.receivesHandshake(link, [identity?.address ?? ''])
  }
  reach(0)
  node.waits(SHARED_NAME_REDIAL_MS - 1)
  t.false(node.dials.includes(shared))
  node.waits(1)
  t.true(node.dials.includes(shared))
  reach(1)
  t.deepEqual(node.connected as readonly string[], ['ws://10.0.0.2:4001', 'ws://10.0.0.3:4001'])
  node.waits(SHARED_NAME_REDIAL_MS)
  t.true(node.dials.includes(shared))
})
