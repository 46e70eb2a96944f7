import test from 'ava'
import { isPlainCaller, type Link, nameOf, newLink } from '../../src/mesh/links/link.ts'
import { LinkTable } from '../../src/mesh/links/link-table.ts'
import { at, identityAt, PLAIN } from '../helpers/core.ts'

const PEER = identityAt(4002)
const dialed = { kind: 'dialed', address: at(4002), host: 'localhost' } as const
const accepted = { kind: 'accepted', remote: '127.0.0.1:50000', host: '127.0.0.1' } as const

function tableOf(...links: readonly Link[]): LinkTable {
  const table = new LinkTable()
  for (const link of links) table.add(link)
  return table
}

test('link - a link awaits HANDSHAKE, unless we dialed a plain peer', (t) => {
  t.is(newLink(1, accepted, PEER, 0).state, 'awaiting-handshake')
  t.is(newLink(1, accepted, PLAIN, 0).state, 'awaiting-handshake')
  t.is(newLink(1, dialed, PEER, 0).state, 'awaiting-handshake')
  t.is(newLink(1, dialed, PLAIN, 0).state, 'ready')
})

test('link - a plain peer that dialed us is an accepted link without identity', (t) => {
  t.true(isPlainCaller(newLink(1, accepted, PLAIN, 0)))
  t.false(isPlainCaller(newLink(1, dialed, PLAIN, 0)))
  t.false(isPlainCaller(newLink(1, accepted, PEER, 0)))
})

test('link - its peer is named by its address, or by the remote end of its socket', (t) => {
  t.is(nameOf({ ...newLink(1, accepted, PEER, 0), address: at(4002) }), at(4002))
  t.is(nameOf(newLink(1, dialed, PEER, 0)), at(4002))
  t.is(nameOf(newLink(1, accepted, PEER, 0)), '127.0.0.1:50000')
})

test('links - are found by id, by peer and by address, oldest first', (t) => {
  const old = { ...newLink(1, accepted, PEER, 0), address: at(4002) }
  const young = { ...newLink(2, dialed, PEER, 0), address: at(4002) }
  const table = tableOf(old, young)
  t.is(table.get(2), young)
  t.deepEqual(table.ofPeer(PEER), [old, young])
  t.deepEqual(table.ofAddress(at(4002)), [old, young])
  t.deepEqual([...table.all()], [old, young])
  t.deepEqual(table.ofPeer(identityAt(4099)), [])
  t.deepEqual(table.ofAddress(at(4099)), [])
})

test('links - the late end of one removes no other', (t) => {
  const old = { ...newLink(1, accepted, PEER, 0), address: at(4002) }
  const young = { ...newLink(2, dialed, PEER, 0), address: at(4002) }
  const table = tableOf(old, young)
  table.remove(old)
  table.remove(old)
  t.deepEqual(table.ofPeer(PEER), [young])
  t.deepEqual(table.ofAddress(at(4002)), [young])
  t.is(table.size, 1)
})

test('links - one with a copied id and another address is of another peer', (t) => {
  const table = tableOf(newLink(1, dialed, PEER, 0))
  t.deepEqual(table.ofPeer(identityAt(4003, { id: PEER.id })), [])
})

test('links - accepted ones and those without HANDSHAKE are counted, the oldest of these first', (t) => {
  const first = newLink(1, accepted, PLAIN, 0)
  const second = newLink(2, accepted, PLAIN, 0)
  const table = tableOf(first, second, newLink(3, dialed, PLAIN, 0))
  t.deepEqual([table.size, table.accepted, table.withoutHandshake.size], [3, 2, 2])
  t.is([...table.withoutHandshake][0], first)
  table.handshakeReceived(first)
  table.handshakeReceived(first)
  t.deepEqual([table.size, table.accepted, table.withoutHandshake.size], [3, 2, 1])
  t.is([...table.withoutHandshake][0], second)
  table.remove(first)
  table.remove(second)
  t.deepEqual([table.size, table.accepted, table.withoutHandshake.size], [1, 0, 0])
  t.is([...table.withoutHandshake][0], undefined)
})

test('links - one of a peer with identity does not count as one without HANDSHAKE', (t) => {
  t.is(tableOf(newLink(1, accepted, PEER, 0)).withoutHandshake.size, 0)
})
