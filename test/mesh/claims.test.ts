import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { Claims } from '../../src/mesh/links/claims.ts'
import { type Link, newLink } from '../../src/mesh/links/link.ts'
import { at, identityAt } from '../helpers/core.ts'

const RETRY_MS = 60_000
const anyone = () => true

function claimant(port: number): Link {
  const origin = { kind: 'accepted', remote: `127.0.0.1:${port}`, host: '127.0.0.1' } as const
  return { ...newLink(port, origin, identityAt(port), 0), address: at(port) }
}

function claimsOf(...links: readonly Link[]): Claims {
  const claims = new Claims()
  for (const link of links) claims.open(link, 0)
  return claims
}

test('claims - are verified one at a time, in the order in which they were made', (t) => {
  const claims = claimsOf(claimant(4002), claimant(4003))
  t.is(claims.next(0, RETRY_MS, anyone), at(4002))
  t.is(claims.next(0, RETRY_MS, anyone), at(4003))
  t.is(claims.next(0, RETRY_MS, anyone), undefined)
})

test('claims - one whose verification got no answer is verified again', (t) => {
  const claims = claimsOf(claimant(4002))
  claims.next(0, RETRY_MS, anyone)
  t.is(claims.dueMs(), RETRY_MS)
  t.is(claims.next(RETRY_MS - 1, 2 * RETRY_MS, anyone), undefined)
  t.is(claims.next(RETRY_MS, 2 * RETRY_MS, anyone), at(4002))
})

test('claims - one that may not be dialed now is postponed and does not delay the others', (t) => {
  const claims = claimsOf(claimant(4002), claimant(4003))
  const notTheFirst = (address: Address) => address !== at(4002)
  t.is(claims.next(0, RETRY_MS, notTheFirst), at(4003))
  t.is(claims.next(0, RETRY_MS, anyone), undefined)
  t.is(claims.size, 2)
})

test('claims - the next is due when the earliest is', (t) => {
  const claims = new Claims()
  t.is(claims.dueMs(), undefined)
  claims.open(claimant(4002), 20)
  claims.open(claimant(4003), 10)
  t.is(claims.dueMs(), 10)
})

test('claims - one that is settled is not verified again', (t) => {
  const link = claimant(4002)
  const claims = claimsOf(link)
  claims.settle(link)
  claims.settle(link)
  t.is(claims.size, 0)
  t.is(claims.next(RETRY_MS, RETRY_MS, anyone), undefined)
})

test('claims - of each host are counted, however often they are opened and settled', (t) => {
  const [first, second] = [claimant(4002), claimant(4003)]
  const claims = claimsOf(first, second)
  claims.open(first, RETRY_MS)
  t.is(claims.countOf('127.0.0.1'), 2)
  claims.settle(first)
  claims.settle(first)
  t.is(claims.countOf('127.0.0.1'), 1)
  claims.settle(second)
  t.is(claims.countOf('127.0.0.1'), 0)
  t.is(claims.countOf('192.0.2.7'), 0)
})
