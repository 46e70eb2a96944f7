/**
 * Peers that claim an address: a claim counts at once, is verified soon, and closes the link when
 * it is false.
 */

import test from 'ava'
import {
  CONTEST_PAUSE_MS_MIN,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  LINKS_PER_PEER_MAX,
  NAMED_CLAIMS_PER_HOST_MAX,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, meshId, PLAIN, startNode } from '../helpers/core.ts'

const REAL = identityAt(4002)
/** Another node that announces the address of the one on port 4002. */
const IMPOSTOR = identityAt(4002, { id: meshId(9_999) })
const VERIFY_MS = 1_000

test('impostors - a dialer counts as connected at the address that it announces, and is not dialed at once', (t) => {
  const node = startNode({ knownPeers: [] })
  const link = node.accepts(REAL)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.dials, [])
  t.deepEqual(node.handshakes, [{ link, addresses: [at(4001), at(4002)] }])
})

test('impostors - the claim of a dialer is verified after a second', (t) => {
  const node = startNode()
  node.accepts(REAL)
  node.waits(VERIFY_MS - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials, [at(4002)])
  t.deepEqual(node.attempting, [], 'we are connected to it')
})

test('impostors - contested addresses of one host are dialed within its budget, those of its nodes at once', (t) => {
  const own = address('ws://192.0.2.1:4001')
  const node = startNode({ ownAddresses: [own] })
  const at7 = (port: number) => address(`ws://192.0.2.7:${port}`)
  const claim = (port: number, id: number, host: string) => {
    node.accepts(identityAt(port, { address: at7(port), id: meshId(id) }), host)
    return node.dials
  }
  const reached = at7(9_999)
  claim(9_999, 1, '192.0.2.7')
  node.waits(VERIFY_MS)
  node.reaches(reached, identityAt(9_999, { address: reached, id: meshId(1) }))
  node.waits(CONTEST_PAUSE_MS_MIN)
  let dials = 0
  const contest = (port: number, host: string): readonly string[] => {
    claim(port, 1, '198.51.100.66')
    const dialed = claim(port, 2, host)
    for (const each of dialed) node.failsToReach(each)
    return dialed
  }
  for (let port = 1; port <= HOST_DIALS_BURST + 10; port += 1) {
    dials += contest(port, '198.51.100.66').length
  }
  t.is(dials, HOST_DIALS_BURST)
  t.deepEqual(contest(10_000, '192.0.2.7'), [at7(10_000)], 'a link from the host claims it')
  t.deepEqual(claim(9_999, 2, '198.51.100.66'), [reached], 'it was reached before')
  const later = new Set<string>()
  for (let ms = 0; ms < 1_000; ms += 10) {
    node.waits(10)
    for (const each of node.dials) {
      later.add(each)
      node.failsToReach(each)
    }
  }
  t.true(
    later.size >= HOST_DIALS_PER_SECOND && later.size <= 2 * HOST_DIALS_PER_SECOND,
    `${later.size}`,
  )
})

/** A node on a network, and the peers that it names to the next that dials it. */
function namingNode() {
  const node = startNode({ ownAddresses: [address('ws://192.0.2.1:4001')] })
  const peerAt = (port: number, host = '192.0.2.7') => {
    return identityAt(port, { address: `ws://${host}:${port}` })
  }
  const named = () => {
    const link = node.accepts(
      identityAt(60_000, { address: 'ws://192.0.2.99:60000' }),
      '192.0.2.99',
    )
    const [handshake] = node.handshakes
    node.loses(link, CloseCode.GOING_AWAY)
    return handshake?.addresses.slice(1, -1) ?? []
  }
  return { node, peerAt, named }
}

test('impostors - of the claims of one host so many are named, the others once they are verified', (t) => {
  const { node, peerAt, named } = namingNode()
  const ports = Array.from({ length: NAMED_CLAIMS_PER_HOST_MAX + 1 }, (_, index) => 5_000 + index)
  for (const port of ports) node.accepts(peerAt(port), '192.0.2.7')
  t.is(node.connected.length, NAMED_CLAIMS_PER_HOST_MAX + 1)
  t.deepEqual(named(), node.connected.slice(0, -1))
  node.accepts(peerAt(4_000, '192.0.2.8'), '192.0.2.8')
  t.is(named().length, NAMED_CLAIMS_PER_HOST_MAX + 1, 'another host')
  const last = peerAt(5_000 + NAMED_CLAIMS_PER_HOST_MAX)
  node.reaches(address(last.address), last)
  t.true(named().includes(last.address))
  t.is(named().length, NAMED_CLAIMS_PER_HOST_MAX + 2)
})

test('impostors - all claims of this machine are named', (t) => {
  const { node, peerAt, named } = namingNode()
  for (let port = 5_000; port <= 5_000 + NAMED_CLAIMS_PER_HOST_MAX; port += 1) {
    node.accepts(peerAt(port), '127.0.0.1')
  }
  t.is(named().length, NAMED_CLAIMS_PER_HOST_MAX + 1)
})

test('impostors - a claim is not named after a dial has reached nobody, until one reaches the peer', (t) => {
  const { node, peerAt, named } = namingNode()
  const claimed = address('ws://192.0.2.7:5000')
  const link = node.accepts(peerAt(5_000), '192.0.2.7')
  t.deepEqual(named(), [claimed])
  node.receivesHandshake(link, [claimed])
  node.waits(60_000)
  node.failsToReach(claimed)
  t.deepEqual(node.connected, [claimed])
  t.deepEqual(named(), [])
  node.loses(link)
  node.accepts(peerAt(5_000), '192.0.2.7')
  t.deepEqual(named(), [claimed], 'a new claim')
  node.failsToReach(claimed)
  node.reaches(claimed, peerAt(5_000))
  t.deepEqual(named(), [claimed])
  node.failsToReach(claimed)
  t.deepEqual(named(), [claimed], 'a verified one stays')
})

test('impostors - a claim of this machine is named also after a dial has reached nobody', (t) => {
  const { node, peerAt, named } = namingNode()
  const claimed = address('ws://192.0.2.7:5000')
  node.accepts(peerAt(5_000), '127.0.0.1')
  node.failsToReach(claimed)
  t.deepEqual(named(), [claimed])
})

test('impostors - the node that answers on an address owns it, and the impostor is closed', (t) => {
  const node = startNode()
  const impostor = node.accepts(IMPOSTOR)
  node.waits(VERIFY_MS)
  const real = node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[impostor, CloseCode.ADDRESS_TAKEN]],
  )
  t.deepEqual(node.linkIds, [real])
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - a plain peer that answers on an address owns it', (t) => {
  const node = startNode()
  node.accepts(IMPOSTOR)
  node.waits(VERIFY_MS)
  const real = node.reaches(at(4002), PLAIN)
  t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_TAKEN])
  t.deepEqual(node.linkIds, [real])
})

test('impostors - a true claim is verified once, and the second link closes as a duplicate', (t) => {
  const node = startNode({ port: 5_000 })
  node.accepts(REAL)
  node.waits(VERIFY_MS)
  node.reaches(at(4002), REAL)
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  t.deepEqual(node.connected, [at(4002)])
  t.is(node.mesh.sizes().claims, 0)
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.dials, [])
})

test('impostors - a claim whose verification got no answer stays, and is verified again after a minute', (t) => {
  const node = startNode()
  node.accepts(REAL)
  node.receivesHandshake(1, [at(4002)])
  node.waits(VERIFY_MS)
  node.failsToReach(at(4002))
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.eventsOf('dial-failed'), [])
  node.waits(58_999)
  t.deepEqual(node.dials, [])
  node.waits(1_001)
  t.deepEqual(node.dials, [at(4002)])
})

test('impostors - a claim is verified when its turn comes, whatever the result of older ones', (t) => {
  const node = startNode()
  node.accepts(IMPOSTOR)
  node.waits(VERIFY_MS)
  node.failsToReach(at(4002))
  node.waits(VERIFY_MS)
  node.accepts(identityAt(4003))
  node.waits(2 * VERIFY_MS)
  t.deepEqual(node.dials, [at(4003)])
})

test('impostors - one claim a second is verified, whatever their number', (t) => {
  const node = startNode()
  for (let n = 0; n < 100; n += 1) node.accepts(identityAt(10_000 + n))
  node.waits(5_000)
  t.is(node.dials.length, 5)
})

test('impostors - our own dial to a peer verifies its claim', (t) => {
  const node = startNode()
  node.reaches(at(4002), REAL)
  node.accepts(REAL)
  t.is(node.mesh.sizes().claims, 0)
})

test('impostors - a peer reached by another spelling is verified under the address that it announces', (t) => {
  const node = startNode({ knownPeers: [at(5002)] })
  const impostor = node.reaches(at(5002), IMPOSTOR)
  t.deepEqual(node.connected, [at(4002)])
  node.waits(VERIFY_MS)
  t.deepEqual(node.dials, [at(4002)])
  node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[impostor, CloseCode.ADDRESS_TAKEN]],
  )
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - a restarted peer with a new id takes its address from its old link', (t) => {
  const node = startNode()
  const old = node.reaches(at(4002), REAL)
  const restarted = identityAt(4002, { id: meshId(12_345) })
  const newer = node.accepts(restarted)
  t.deepEqual(node.dials, [at(4002)], 'at once')
  node.receivesHandshake(newer, [at(4002)])
  t.deepEqual(node.connected, [at(4002)])
  node.reaches(at(4002), restarted)
  t.true(node.closes.some(({ link, code }) => link === old && code === CloseCode.ADDRESS_TAKEN))
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - two nodes that both accepted a third as the other connect to each other', (t) => {
  const both = [
    { node: startNode({ port: 4001 }), other: identityAt(4002) },
    { node: startNode({ port: 4002 }), other: identityAt(4001) },
  ]
  for (const { node, other } of both) {
    node.receivesHandshake(node.accepts({ ...other, id: meshId(9_999) }), [other.address])
    t.deepEqual(node.dials, [], 'fooled: it seems connected')
    node.waits(VERIFY_MS)
    t.deepEqual(node.dials, [at(Number(other.address.slice(-4)))])
    const link = node.reaches(at(Number(other.address.slice(-4))), other)
    t.deepEqual(node.linkIds, [link])
  }
})

test('impostors - a dialer that announces our own address is refused', (t) => {
  const node = startNode()
  node.accepts(identityAt(4001, { id: meshId(9_999) }))
  t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_TAKEN])
  t.deepEqual(node.connected, [])
})

test('impostors - an announced text that is no address is ignored', (t) => {
  const node = startNode()
  node.accepts(identityAt(4002, { address: 'rubbish' }))
  t.deepEqual(node.connected, [])
  t.deepEqual(node.closes, [])
})

test('impostors - a node that copies the id of a peer is verified once that peer is gone', (t) => {
  const node = startNode()
  const real = node.reaches(at(4002), REAL)
  const copy = node.accepts(REAL)
  node.receivesHandshake(copy, [at(4002)])
  node.waits(10_000)
  t.deepEqual(node.dials, [], 'it counts as the peer')
  node.loses(real)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.dials, [at(4002)], 'at once')
  node.reaches(at(4002), identityAt(4002, { id: meshId(12_345) }))
  t.true(node.closes.some(({ link, code }) => link === copy && code === CloseCode.ADDRESS_TAKEN))
})

test('impostors - a peer that has proven the secret is not verified again', (t) => {
  const node = startNode()
  const first = node.reaches(at(4002), REAL)
  node.receivesHandshake(node.acceptsTrusted(REAL), [at(4002)])
  node.loses(first)
  t.deepEqual(node.dials, [])
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.dials, [])
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - links of a peer that has proven the secret do not contest its address', (t) => {
  const node = startNode()
  node.acceptsTrusted(REAL)
  node.acceptsTrusted(REAL)
  t.deepEqual(node.dials, [])
  node.accepts(REAL)
  t.deepEqual(node.dials, [at(4002)])
})

test('impostors - a peer that has proven the secret can have copied an ADDRESS: it is dialed at once', (t) => {
  const node = startNode()
  node.acceptsTrusted(REAL)
  node.acceptsTrusted(IMPOSTOR)
  t.deepEqual(node.dials, [at(4002)])
})

test('impostors - a peer is not verified again after a duplicate of its link was closed', (t) => {
  const node = startNode()
  const first = node.reaches(at(4002), REAL)
  node.receivesHandshake(node.accepts(REAL), [at(4002)])
  node.loses(first, CloseCode.DUPLICATE)
  node.waits(10_000)
  t.deepEqual(node.dials, [])
})

test("impostors - a known peer that announces another node's address counts under the one we dialed", (t) => {
  const node = startNode({ knownPeers: [at(4003)] })
  const impostor = node.reaches(at(4003), IMPOSTOR)
  t.deepEqual(node.connected, [at(4002)], 'the claim counts at first')
  node.waits(VERIFY_MS)
  node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link }) => link),
    [impostor],
  )
  t.deepEqual(node.dials, [at(4003)], 'it is configured, so it is dialed again')
  node.reaches(at(4003), IMPOSTOR)
  t.deepEqual(node.connected, [at(4002), at(4003)])
})

test('impostors - a dialer that announces an address we may not dial is closed, and the event gives the reason', (t) => {
  const own = address('ws://192.168.0.1:4001')
  for (const claimed of ['ws://localhost:4002', 'ws://169.254.169.254']) {
    const node = startNode({ ownAddresses: [own], knownPeers: [] })
    node.accepts(identityAt(4002, { address: claimed }))
    t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_UNREACHABLE], claimed)
    t.regex(node.closes[0]?.reason ?? '', /set ADDRESS/)
    t.deepEqual(node.connected, [])
    t.deepEqual(node.handshakes, [])
  }
})

test('impostors - a dialer may announce an address that we may dial only because it is configured', (t) => {
  const node = startNode({
    ownAddresses: [address('ws://192.168.0.1:4001')],
    knownPeers: [at(4002)],
  })
  node.failsToReach(at(4002))
  node.accepts(identityAt(4002))
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - a dialer whose address is not valid is a plain peer', (t) => {
  const node = startNode({ knownPeers: [] })
  const link = node.accepts(identityAt(4002, { address: 'nowhere' }))
  node.receivesHandshake(link, [at(4002)])
  t.deepEqual(node.dials, [at(4002)])
  t.deepEqual(node.connected, [])
  node.waits(60_000)
  t.deepEqual(node.pings, [], 'it may never read what comes on its link')
})

test("impostors - a learned address whose peer announces another node's address is not dialed again", (t) => {
  const node = startNode()
  node.receivesHandshake(node.accepts(PLAIN), [at(4003)])
  node.reaches(at(4003), IMPOSTOR)
  node.waits(VERIFY_MS)
  node.reaches(at(4002), REAL)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.dials, [])
})

test('impostors - a peer that claims the verified address of another counts under the one we dialed', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  node.reaches(at(4002), REAL)
  node.reaches(at(4003), IMPOSTOR)
  t.deepEqual(node.closes, [])
  t.deepEqual(node.connected, [at(4002), at(4003)])
  t.deepEqual(node.eventsOf('alias-found'), [])
})

test('impostors - a restarted peer that was reached by another spelling ends with one link', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  const old = node.reaches(at(4002), REAL)
  const restarted = identityAt(4002, { id: meshId(12_345) })
  node.reaches(at(4003), restarted)
  node.loses(old)
  node.waits(VERIFY_MS)
  const newer = node.reaches(at(4002), restarted)
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  t.deepEqual(node.linkIds, [newer])
})

// --- Copied ids ----------------------------------------------------------------------------------

test('impostors - a node with a copied id and address, dialed elsewhere, is closed for the real peer at once', (t) => {
  const node = startNode({ port: 5_000, knownPeers: [at(4002), at(4003)] })
  const copy = node.reaches(at(4003), REAL)
  const real = node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[copy, CloseCode.DUPLICATE]],
  )
  t.deepEqual(node.linkIds, [real])
})

test("impostors - a node that copies the id of a peer, on another address, does not close that peer's link", (t) => {
  const copy = identityAt(4003, { id: REAL.id })
  for (const port of [4_000, 5_000]) {
    for (const [first, second] of [
      [REAL, copy],
      [copy, REAL],
    ] as const) {
      const node = startNode({ port, knownPeers: [at(4002), at(4003)] })
      const links = [first, second].map((peer) => node.reaches(address(peer.address), peer))
      node.waits(10_000)
      t.deepEqual(node.linkIds, links)
      t.deepEqual(node.connected.toSorted(), [at(4002), at(4003)])
    }
  }
})

/** Our id is smaller, so the peer decides about duplicates. */
const SMALLEST = { identity: { id: meshId(1) } }

test('impostors - links with a copied id do not keep the peer out: the host with most of them gives way', (t) => {
  const node = startNode(SMALLEST)
  const copies = Array.from({ length: LINKS_PER_PEER_MAX }, () => node.accepts(REAL, '10.0.0.9'))
  const real = node.accepts(REAL, '10.0.0.2')
  t.deepEqual(node.closes, [
    { link: copies[0], code: CloseCode.DUPLICATE, reason: 'too many links from one node' },
  ])
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
  node.accepts(REAL, '10.0.0.9')
  t.true(node.linkIds.includes(real))
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
})

test('impostors - an address that two links claim is dialed at once', (t) => {
  for (const other of [REAL, IMPOSTOR]) {
    const node = startNode(SMALLEST)
    node.accepts(REAL)
    t.deepEqual(node.dials, [])
    node.accepts(other)
    t.deepEqual(node.dials, [at(4002)])
  }
})

test('impostors - an address that is claimed again and again is dialed every two seconds', (t) => {
  const node = startNode({ ...SMALLEST, timings: { verifyMs: 60_000 } })
  node.accepts(REAL)
  node.accepts(REAL)
  const link = node.reaches(at(4002), REAL)
  node.loses(link, CloseCode.DUPLICATE)
  node.accepts(REAL)
  node.waits(CONTEST_PAUSE_MS_MIN - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials, [at(4002)])
})

test('impostors - of several that claim an address none is closed before a dial shows whose it is', (t) => {
  const node = startNode({ identity: { id: meshId(99_999) } })
  const copy = node.accepts(REAL)
  node.receivesHandshake(copy, [at(4002)])
  const real = node.accepts(REAL)
  t.deepEqual([node.dials, node.pings, node.closes], [[at(4002)], [], []])
  node.receivesHandshake(real, [at(4002)])
  t.deepEqual(node.closes, [])
  const dialed = node.opens(at(4002), REAL)
  t.deepEqual(node.closes, [], 'the peer may be about to refuse it')
  node.receivesHandshake(dialed, [at(4002)])
  t.deepEqual(
    node.closes.map(({ link }) => link),
    [copy, real],
  )
})

test('impostors - when the dial is refused before its HANDSHAKE, the address is dialed again', (t) => {
  const node = startNode({ identity: { id: meshId(99_999) } })
  for (let n = 0; n < 2; n += 1) node.receivesHandshake(node.accepts(REAL), [at(4002)])
  node.loses(node.opens(at(4002), REAL), CloseCode.DUPLICATE)
  node.waits(CONTEST_PAUSE_MS_MIN)
  t.deepEqual([node.dials, node.closes], [[at(4002)], []])
})
