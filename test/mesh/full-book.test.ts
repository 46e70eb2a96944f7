/** The address book when it is full: what gives way to what. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { AddressBook } from '../../src/mesh/address/address-book.ts'
import type { Teacher } from '../../src/mesh/address/entry.ts'
import { BOOK_ADDRESSES_MAX, TAUGHT_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { address, at } from '../helpers/core.ts'

const PEER = at(4002)
/** A stranger, which names addresses. */
const TEACHER: Teacher = { name: '10.6.6.6', verified: false }

/** Another of so many that together they may fill the book. */
function teacher(n: number): Teacher {
  return { name: `10.6.7.${n % 5}`, verified: false }
}

/** In the middle of the jitter. */
const RANDOM = 0.5

function bookOf(...knownPeers: readonly Address[]): AddressBook {
  return new AddressBook(knownPeers, DEFAULT_TIMINGS)
}

/** A full book; the address on port 10,000 + n is the n-th. */
function fullBook(): AddressBook {
  const book = bookOf()
  for (let n = 0; n < BOOK_ADDRESSES_MAX; n += 1) book.learn(at(10_000 + n), teacher(n))
  return book
}

test('address book - holds at most 4,096 addresses', (t) => {
  const book = fullBook()
  t.is(book.size, BOOK_ADDRESSES_MAX)
  t.false(book.learn(PEER, teacher(0)))
  t.is(book.size, BOOK_ADDRESSES_MAX)
})

test('address book - a full one drops the address with the most failures for a new one', (t) => {
  const book = fullBook()
  for (const port of [10_005, 10_010, 10_010]) book.failed(at(port), 0, RANDOM)
  t.true(book.learn(PEER, teacher(0)))
  t.is(book.entry(at(10_010)), undefined)
  t.is(book.size, BOOK_ADDRESSES_MAX)
})

test('address book - in a full one who named the most gives way to who named fewer', (t) => {
  const book = fullBook()
  t.true(book.learn(PEER, TEACHER))
  t.is(book.entry(at(10_000 + BOOK_ADDRESSES_MAX - 1)), undefined, 'the newest of the largest')
  t.is(book.size, BOOK_ADDRESSES_MAX)
  t.true(book.learn(at(4003), TEACHER))
  t.not(book.entry(PEER), undefined)
})

test("address book - a full one keeps those that were reached or are linked, and the operator's", (t) => {
  const book = bookOf(at(9_999))
  for (let n = 1; n < BOOK_ADDRESSES_MAX; n += 1) book.learn(at(10_000 + n), teacher(n))
  book.failed(at(9_999), 0, RANDOM)
  for (let n = 1; n < BOOK_ADDRESSES_MAX; n += 1) {
    if (n % 2 === 0) book.reached(at(10_000 + n), 0)
    else book.linked(at(10_000 + n))
    book.failed(at(10_000 + n), 0, RANDOM)
  }
  for (let n = 2; n < BOOK_ADDRESSES_MAX; n += 2) book.linked(at(10_000 + n))
  t.false(book.learn(PEER, TEACHER))
  t.is(book.size, BOOK_ADDRESSES_MAX)
})

test('address book - in one full of reached addresses the host with the most of them gives way', (t) => {
  const book = bookOf()
  const other = address('ws://10.0.0.2:4000')
  for (let n = 1; n < BOOK_ADDRESSES_MAX; n += 1) {
    book.learn(at(10_000 + n), teacher(n))
    book.reached(at(10_000 + n), 0)
  }
  book.learn(other, TEACHER)
  book.reached(other, 0)
  t.false(book.learn(PEER, TEACHER), 'none is out of reach')
  for (const lost of [other, other, at(10_001)]) book.failed(lost, 0, RANDOM)
  t.true(book.learn(PEER, TEACHER))
  t.is(book.entry(at(10_001)), undefined)
})

test('address book - in a full one what a peer with a smaller share names, too, stays', (t) => {
  const book = fullBook()
  const shared = at(10_000 + BOOK_ADDRESSES_MAX - 1)
  book.named(shared, { name: 'honest', verified: true })
  book.failed(shared, 0, RANDOM)
  const few = { name: 'few', verified: false }
  for (const port of [4002, 4003]) t.true(book.learn(at(port), few))
  t.not(book.entry(shared), undefined)
})

test('address book - one host teaches at most 1,024 addresses that were never reached', (t) => {
  const book = bookOf()
  const teach = (n: number): boolean => book.learn(at(10_000 + n), TEACHER)
  for (let n = 0; n < TAUGHT_ADDRESSES_MAX; n += 1) t.true(teach(n))
  t.false(teach(TAUGHT_ADDRESSES_MAX))
  t.true(book.learn(PEER, teacher(0)), 'another host')
  book.reached(at(10_000), 0)
  t.true(teach(TAUGHT_ADDRESSES_MAX), 'one was reached')
  t.false(teach(TAUGHT_ADDRESSES_MAX + 1))
  book.linked(at(10_001))
  t.true(teach(TAUGHT_ADDRESSES_MAX + 1), 'one is linked')
  book.failed(at(10_002), 0, RANDOM)
  t.true(teach(TAUGHT_ADDRESSES_MAX + 2), 'one failed, and gives way')
  t.is(book.entry(at(10_002)), undefined)
})

test('address book - a claim that was lost counts for its host again', (t) => {
  const book = bookOf()
  book.learn(PEER, TEACHER)
  book.linked(PEER)
  for (let n = 1; n < TAUGHT_ADDRESSES_MAX; n += 1) book.learn(at(10_000 + n), TEACHER)
  book.lost(PEER, 0, 0, RANDOM)
  t.true(book.learn(at(9_000), TEACHER), 'the lost one gives way')
  t.is(book.entry(PEER), undefined)
})

test('address book - a full one drops a learned address for a known one', (t) => {
  const book = bookOf()
  for (let n = 0; n < BOOK_ADDRESSES_MAX; n += 1) book.learn(at(10_000 + n), teacher(n))
  book.addKnown(PEER, 0)
  t.is(book.size, BOOK_ADDRESSES_MAX)
  t.true(book.entry(PEER)?.known)
})
