/**
 * Peers that claim an address: a claim counts at once, is verified soon, and closes the link when
 * it is false.
 */

import test from 'ava'
import {
  CONTEST_PAUSE_MS_MIN,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, meshId, PLAIN, startNode } from '../helpers/core.ts'
import { IMPOSTOR, REAL } from '../helpers/impostor.ts'

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

test('impostors - a contest ends when its dial reaches a node with which there can be no link', (t) => {
  const node = startNode({ port: 5_000 })
  const [first, second] = [node.accepts(REAL), node.accepts(REAL)]
  t.deepEqual(node.dials, [at(4002)], 'to see who answers')
  for (const link of [first, second]) node.receivesHandshake(link, [at(4002)])
  node.opens(at(4002), identityAt(4002, { mesh: 'another', id: meshId(12_345) }))
  t.deepEqual(node.eventsOf('dial-failed'), [], 'the claim stays')
  node.receivesPong(first)
  t.deepEqual(node.linkIds, [first])
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
