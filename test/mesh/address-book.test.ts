import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { AddressBook } from '../../src/mesh/address/address-book.ts'
import type { Teacher } from '../../src/mesh/address/entry.ts'
import {
  ALIASES_MAX,
  BOOK_ADDRESSES_MAX,
  FAILURES_BEFORE_DROPPING,
  FORGET_AFTER_MS,
  PLACE_ADDRESSES_MAX,
  TEACHERS_MAX,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { address, at } from '../helpers/core.ts'

const PEER = at(4002)
/** A stranger, which names addresses. */
const TEACHER: Teacher = { name: '10.6.6.6', verified: false }

/** Another of so many that together they may fill the book. */
function teacher(n: number): Teacher {
  return { name: `10.6.7.${n % 5}`, verified: false }
}

const DROPPED = { kind: 'dropped' } as const

/** In the middle of the jitter. */
const RANDOM = 0.5

/** The end of the jitter. */
const ALMOST_ONE = 1 - Number.EPSILON

function bookOf(...knownPeers: readonly Address[]): AddressBook {
  return new AddressBook(knownPeers, DEFAULT_TIMINGS)
}

function bookThatLearned(learned: Address): AddressBook {
  const book = bookOf()
  book.learn(learned, TEACHER)
  return book
}

function fail(book: AddressBook, times: number, nowMs = 0): ReturnType<AddressBook['failed']>[] {
  return Array.from({ length: times }, () => book.failed(PEER, nowMs, RANDOM))
}

test('address book - the pause after a failure doubles from one to the next', (t) => {
  const retry = (atMs: number) => ({ kind: 'retry', atMs })
  const learned = bookThatLearned(PEER)
  t.deepEqual(fail(learned, 3, 10_000), [retry(10_500), retry(11_000), retry(12_000)])
})

test('address book - a known peer that was never reached is dialed 16 times sooner at first', (t) => {
  const pausesMs = (book: AddressBook, failures: number) =>
    fail(book, failures).map((verdict) => verdict.kind === 'retry' && verdict.atMs)
  t.deepEqual(pausesMs(bookOf(PEER), 4), [31.25, 62.5, 125, 250])
  t.is(pausesMs(bookOf(PEER), 100).at(-1), 30_000, 'and the same longest pause')
  const reached = bookOf(PEER)
  reached.reached(PEER, 0)
  t.deepEqual(pausesMs(reached, 2), [500, 1_000], 'it was reached before')
})

test('address book - a known peer that led to a peer with another address counts as reached', (t) => {
  const book = bookOf(PEER)
  book.addAlias(PEER, at(4003))
  book.releaseAliases(at(4003))
  t.deepEqual(fail(book, 2), [
    { kind: 'retry', atMs: 500 },
    { kind: 'retry', atMs: 1_000 },
  ])
})

test('address book - an address is not to be dialed before its pause is over', (t) => {
  const book = bookThatLearned(PEER)
  t.is(book.entry(PEER)?.notBeforeMs, 0)
  book.failed(PEER, 10_000, RANDOM)
  t.is(book.entry(PEER)?.notBeforeMs, 10_500)
})

test('address book - a link that lived 15 s clears the failures', (t) => {
  const book = bookOf(PEER)
  fail(book, 4)
  t.deepEqual(book.lost(PEER, 15_000, 0, RANDOM), { kind: 'retry', atMs: 625 })
  t.is(book.entry(PEER)?.failures, 0)
})

test('address book - a link that lived 15 s clears the failures of the known peer that led to it', (t) => {
  for (const [livedMs, failures] of [
    [15_000, 0],
    [14_999, 4],
  ] as const) {
    const book = bookOf(PEER, at(4004))
    fail(book, 4)
    book.failed(at(4004), 0, RANDOM)
    book.addAlias(PEER, at(4003))
    book.learn(at(4003), TEACHER)
    book.lost(at(4003), livedMs, 0, RANDOM)
    t.is(book.entry(PEER)?.failures, failures, `${livedMs} ms`)
    t.is(book.entry(at(4004))?.failures, 1, 'that one leads elsewhere')
  }
})

test('address book - it does not clear those of dials that began after it', (t) => {
  const book = bookOf(PEER)
  book.addAlias(PEER, at(4003))
  book.learn(at(4003), TEACHER)
  book.dialed(PEER, 1_001)
  fail(book, 4)
  book.lost(at(4003), 15_000, 16_000, RANDOM)
  t.is(book.entry(PEER)?.failures, 4)
})

test('address book - a lost peer is redialed no sooner than after a quarter of the first pause', (t) => {
  const book = bookOf(PEER)
  const pauses = [0, ALMOST_ONE].map((random) => {
    book.lost(PEER, 15_000, 0, random)
    return Math.round(book.entry(PEER)?.notBeforeMs ?? Number.NaN)
  })
  t.deepEqual(pauses, [250, 1_000])
})

test('address book - a link that lived shorter counts as one more failure', (t) => {
  const book = bookOf(PEER)
  fail(book, 2)
  t.deepEqual(book.lost(PEER, 14_999, 0, RANDOM), { kind: 'retry', atMs: 2_125 })
  t.is(book.entry(PEER)?.failures, 3)
})

test('address book - a learned address that was never reached is forgotten after 5 failures', (t) => {
  const book = bookThatLearned(PEER)
  const verdicts = fail(book, FAILURES_BEFORE_DROPPING)
  t.is(verdicts.at(-2)?.kind, 'retry')
  t.deepEqual(verdicts.at(-1), DROPPED)
  t.is(book.entry(PEER), undefined)
})

test('address book - of a crowded host one failure is enough, unless it was reached or is known', (t) => {
  const crowded = { isCrowded: true }
  t.deepEqual(bookThatLearned(PEER).failed(PEER, 0, RANDOM, crowded), DROPPED)
  const reached = bookThatLearned(PEER)
  reached.reached(PEER, 0)
  t.is(reached.failed(PEER, 0, RANDOM, crowded).kind, 'retry')
  const known = new AddressBook([PEER], DEFAULT_TIMINGS)
  t.is(known.failed(PEER, 0, RANDOM, crowded).kind, 'retry')
})

test('address book - a learned address that was reached is forgotten after 24 hours without success', (t) => {
  const book = bookThatLearned(PEER)
  book.reached(PEER, 0)
  t.is(book.failed(PEER, FORGET_AFTER_MS - 1, RANDOM).kind, 'retry')
  t.deepEqual(book.failed(PEER, FORGET_AFTER_MS, RANDOM), DROPPED)
  t.is(book.entry(PEER), undefined)
})

test('address book - the 24 hours count from the end of the last link', (t) => {
  const book = bookThatLearned(PEER)
  book.reached(PEER, 0)
  book.lost(PEER, FORGET_AFTER_MS, FORGET_AFTER_MS, RANDOM)
  t.is(book.failed(PEER, 2 * FORGET_AFTER_MS - 1, RANDOM).kind, 'retry')
  t.deepEqual(book.failed(PEER, 2 * FORGET_AFTER_MS, RANDOM), DROPPED)
})

test('address book - an address that a peer only claimed does not count as reached', (t) => {
  const book = bookThatLearned(PEER)
  book.lost(PEER, 1_000, 1_000, RANDOM)
  t.deepEqual(fail(book, FAILURES_BEFORE_DROPPING - 1).at(-1), DROPPED)
})

test("address book - an operator's address is never forgotten", (t) => {
  const book = bookOf(PEER)
  t.is(fail(book, 1_000, 100 * FORGET_AFTER_MS).at(-1)?.kind, 'retry')
  book.drop(PEER)
  t.true(book.entry(PEER)?.known)
})

test('address book - learning is idempotent', (t) => {
  const book = bookThatLearned(PEER)
  fail(book, 2)
  t.true(book.learn(PEER, TEACHER))
  t.is(book.entry(PEER)?.failures, 2)
  t.is(book.size, 1)
})

test('address book - an event of an address that is not in it changes nothing', (t) => {
  const book = bookOf()
  t.deepEqual(book.failed(PEER, 0, RANDOM), DROPPED)
  t.deepEqual(book.lost(PEER, 0, 0, RANDOM), DROPPED)
  book.reached(PEER, 0)
  book.drop(PEER)
  t.is(book.size, 0)
})

test('address book - 4 peers that named an address are remembered, verified ones first', (t) => {
  const book = bookThatLearned(PEER)
  const names = () => book.entry(PEER)?.teachers.map(({ name }) => name)
  for (const name of ['a', 'b', 'c', 'd']) book.named(PEER, { name, verified: false })
  t.deepEqual(names(), ['10.6.6.6', 'a', 'b', 'c'], `${TEACHERS_MAX}`)
  t.is(book.entry(PEER)?.verifiedTeachers, 0)
  t.true(book.named(PEER, { name: 'b', verified: true }), 'one that is verified by now')
  t.false(book.named(PEER, { name: 'b', verified: true }))
  t.true(book.named(PEER, { name: 'e', verified: true }))
  t.deepEqual(names(), ['a', 'c', 'b', 'e'])
  t.is(book.entry(PEER)?.verifiedTeachers, 2)
  for (const name of ['f', 'g', 'h']) book.named(PEER, { name, verified: true })
  t.deepEqual(names(), ['b', 'e', 'f', 'g'])
})

test('address book - an alias is remembered with its target and leaves the book', (t) => {
  const book = bookThatLearned(PEER)
  book.addAlias(PEER, at(4003))
  t.is(book.targetOf(PEER), at(4003))
  t.is(book.entry(PEER), undefined)
})

test("address book - releasing the aliases of a target gives the operator's", (t) => {
  const book = bookOf(at(4002))
  book.addAlias(at(4002), at(5000))
  book.addAlias(at(4003), at(5000))
  book.addAlias(at(4004), at(6000))
  t.deepEqual(book.releaseAliases(at(5000)), [at(4002)])
  t.is(book.targetOf(at(4002)), undefined)
  t.is(book.targetOf(at(4003)), undefined)
  t.is(book.targetOf(at(4004)), at(6000))
})

test('address book - holds 1,024 aliases; one more drops the oldest', (t) => {
  const book = bookOf()
  for (let n = 0; n <= ALIASES_MAX; n += 1) book.addAlias(at(10_000 + n), PEER)
  t.is(book.aliasCount, ALIASES_MAX)
  t.is(book.targetOf(at(10_000)), undefined)
  t.is(book.targetOf(at(10_001)), PEER)
})

test('address book - an alias that is added again is the newest', (t) => {
  const book = bookOf()
  for (let n = 0; n < ALIASES_MAX; n += 1) book.addAlias(at(10_000 + n), PEER)
  book.addAlias(at(10_000), PEER)
  t.is(book.aliasCount, ALIASES_MAX)
  book.addAlias(at(20_000), PEER)
  t.is(book.targetOf(at(10_000)), PEER)
  t.is(book.targetOf(at(10_001)), undefined)
})

test('address book - the alias of an alias is one of its target, and a target is none', (t) => {
  const book = bookOf()
  book.addAlias(at(4002), at(4003))
  book.addAlias(at(4003), at(4004))
  t.is(book.targetOf(at(4002)), at(4004))
  t.is(book.targetOf(at(4003)), at(4004))
  book.addAlias(at(4004), at(4002))
  t.is(book.targetOf(at(4002)), undefined)
  t.is(book.targetOf(at(4003)), at(4002))
  t.is(book.targetOf(at(4004)), at(4002))
})

test("address book - the operator's aliases are not dropped for those of others", (t) => {
  const book = bookOf(PEER)
  book.addAlias(PEER, at(5000))
  for (let n = 0; n <= ALIASES_MAX; n += 1) book.addAlias(at(10_000 + n), at(6000))
  t.is(book.aliasCount, ALIASES_MAX)
  t.deepEqual(book.releaseAliases(at(5000)), [PEER])
})

/** The n-th address on one place. */
function pathOn(place: Address, n: number): Address {
  return address(`${place}/${n}`)
}

test('address book - learns at most 8 addresses on one place', (t) => {
  const book = bookOf()
  for (let n = 0; n < PLACE_ADDRESSES_MAX; n += 1) t.true(book.learn(pathOn(PEER, n), TEACHER))
  t.false(book.learn(PEER, TEACHER))
  t.true(book.learn(pathOn(PEER, 0), TEACHER), 'one that is in the book')
  t.true(book.learn(at(4003), TEACHER), 'on another port')
  t.true(book.learn(address('wss://localhost:4002'), TEACHER), 'of another scheme')
  t.true(book.learn(address('ws://127.0.0.1:4002'), TEACHER), 'on another host')
})

test('address book - a forgotten address frees its place', (t) => {
  const book = bookOf()
  for (let n = 0; n < PLACE_ADDRESSES_MAX; n += 1) book.learn(pathOn(PEER, n), TEACHER)
  book.drop(pathOn(PEER, 0))
  book.drop(pathOn(PEER, 0))
  t.true(book.learn(PEER, TEACHER))
  t.false(book.learn(pathOn(PEER, 0), TEACHER))
})

test("address book - the operator's addresses on a place do not count", (t) => {
  const known = Array.from({ length: PLACE_ADDRESSES_MAX }, (_, n) => pathOn(PEER, n))
  t.true(bookOf(...known).learn(PEER, TEACHER))
})

test('address book - a full one that drops an address for one of the same place keeps the count of that place', (t) => {
  const book = bookOf()
  for (let n = 1; n < BOOK_ADDRESSES_MAX; n += 1) book.learn(at(10_000 + n), teacher(n))
  for (let n = 1; n < BOOK_ADDRESSES_MAX; n += 1) book.linked(at(10_000 + n))
  book.learn(pathOn(PEER, 0), TEACHER)
  for (let n = 1; n <= 2 * PLACE_ADDRESSES_MAX; n += 1) {
    book.failed(pathOn(PEER, n - 1), 0, RANDOM)
    t.true(book.learn(pathOn(PEER, n), TEACHER), `${n}`)
  }
})

test('address book - a learned address that becomes known frees its place, and takes none when removed', (t) => {
  const book = bookOf()
  for (let n = 0; n < PLACE_ADDRESSES_MAX; n += 1) book.learn(pathOn(PEER, n), TEACHER)
  book.addKnown(pathOn(PEER, 0), 0)
  book.addKnown(pathOn(PEER, 0), 0)
  t.true(book.learn(PEER, TEACHER))
  book.remove(pathOn(PEER, 0), 0)
  t.false(book.learn(pathOn(PEER, PLACE_ADDRESSES_MAX), TEACHER))
})
