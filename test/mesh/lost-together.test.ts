/** Peers that were lost together: by a crash of many nodes, or by a partition. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { AddressBook, type Failure } from '../../src/mesh/address/address-book.ts'
import {
  LOST_TOGETHER_MS,
  RETURN_PAUSE_FACTOR_MAX,
  RETURN_PAUSE_FRACTION,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { at } from '../helpers/core.ts'

const { redialMinMs, redialMaxMs } = DEFAULT_TIMINGS
const LIVED_MS = DEFAULT_TIMINGS.stableAfterMs
const TEACHER = { name: '10.6.6.6', verified: true }
const [FIRST, ...OTHERS] = Array.from({ length: 60 }, (_none, index) => at(5_000 + index)) as [
  Address,
  ...Address[],
]
const REFUSED = { isRefused: true } as const

/** A book whose peers at these addresses were connected, and then lost. */
function bookThatLost(
  addresses: readonly Address[],
  lostMs = (_address: Address): number => 0,
): AddressBook {
  const book = new AddressBook([], DEFAULT_TIMINGS)
  for (const address of addresses) book.learn(address, TEACHER)
  for (const address of addresses) book.linked(address)
  for (const address of addresses) book.lost(address, LIVED_MS, lostMs(address), 0)
  return book
}

/** The pause after a dial of the first was refused, at the start and at the end of the jitter. */
function pausesMs(book: AddressBook, failure: Failure = REFUSED): readonly number[] {
  return [0, 1].map((random) => {
    const verdict = book.failed(FIRST, 0, random, failure)
    if (verdict.kind !== 'retry') throw new Error('forgotten')
    return verdict.atMs
  })
}

test('lost together - a peer that was lost alone is dialed again after 1 s at most', (t) => {
  t.is(pausesMs(bookThatLost([FIRST]))[0], 0)
  t.true((bookThatLost([FIRST]).failed(FIRST, 0, 1, REFUSED) as { atMs: number }).atMs <= 1_000)
})

test('lost together - the pause after a refused dial grows with the others, to ten times redialMinMs', (t) => {
  for (const [others, leastMs] of [
    [1, 200],
    [24, 4_800],
    [RETURN_PAUSE_FACTOR_MAX / RETURN_PAUSE_FRACTION - 1, 9_800],
    [RETURN_PAUSE_FACTOR_MAX / RETURN_PAUSE_FRACTION, 10_000],
    [RETURN_PAUSE_FACTOR_MAX / RETURN_PAUSE_FRACTION + 1, 10_000],
  ] as const) {
    const book = bookThatLost([FIRST, ...OTHERS.slice(0, others)])
    const [fromMs = 0, toMs = 0] = pausesMs(book)
    t.is(Math.round(fromMs), leastMs, `${others} others`)
    t.is(Math.round(toMs), Math.max(2 * leastMs, 2 * redialMinMs), `${others} others`)
  }
})

test('lost together - a dial without an answer is followed by the usual pause', (t) => {
  t.is(pausesMs(bookThatLost([FIRST, ...OTHERS]), {})[0], 0)
})

test('lost together - only peers whose links ended within 20 s count', (t) => {
  const [other] = OTHERS as [Address]
  const pauseMs = (laterMs: number) =>
    pausesMs(bookThatLost([FIRST, other], (address) => (address === other ? laterMs : 0)))[0]
  t.is(pauseMs(LOST_TOGETHER_MS), 200)
  t.is(pauseMs(LOST_TOGETHER_MS + 1), 0)
})

test('lost together - those that are back do not count', (t) => {
  const book = bookThatLost([FIRST, ...OTHERS])
  for (const other of OTHERS) book.linked(other)
  t.is(pausesMs(book)[0], 0)
})

test('lost together - a known peer is dialed as before: it may have no other way back', (t) => {
  const book = new AddressBook([FIRST], DEFAULT_TIMINGS)
  for (const address of [FIRST, ...OTHERS]) {
    book.learn(address, TEACHER)
    book.linked(address)
    book.lost(address, LIVED_MS, 0, 0)
  }
  t.is(pausesMs(book)[0], 0)
})

test('lost together - the pause is within redialMaxMs', (t) => {
  const timings = { ...DEFAULT_TIMINGS, redialMinMs: 50_000 }
  const book = new AddressBook([], timings)
  for (const address of [FIRST, ...OTHERS]) {
    book.learn(address, TEACHER)
    book.linked(address)
    book.lost(address, LIVED_MS, 0, 0)
  }
  t.deepEqual(pausesMs(book), [redialMaxMs, redialMaxMs])
})

test('lost together - when one that did not answer is back, the others are dialed at once', (t) => {
  const [unanswered, refused, stranger] = OTHERS as [Address, Address, Address]
  const lostMs = (address: Address) => (address === stranger ? LOST_TOGETHER_MS + 1 : 0)
  const book = bookThatLost([FIRST, unanswered, refused, stranger], lostMs)
  const nowMs = 2 * LOST_TOGETHER_MS
  for (let times = 0; times < 3; times += 1) {
    for (const address of [FIRST, unanswered, stranger]) book.failed(address, nowMs, 0.5)
    book.failed(refused, nowMs, 0.5, REFUSED)
  }
  t.deepEqual(book.healed(FIRST, nowMs), [unanswered])
  t.is(book.entry(unanswered)?.notBeforeMs, nowMs)
  // A dial of it that began before fails now.
  t.deepEqual(book.failed(unanswered, nowMs, 1), { kind: 'retry', atMs: nowMs + redialMinMs })
})

test('lost together - one that refused and is back was started again: the others are left to dial', (t) => {
  const book = bookThatLost([FIRST, ...OTHERS])
  for (const other of OTHERS) book.failed(other, 0, 0.5)
  book.failed(FIRST, 0, 0.5, REFUSED)
  t.deepEqual(book.healed(FIRST, 1_000), [])
})

test('lost together - a second link to one that is back changes nothing', (t) => {
  const book = bookThatLost([FIRST, ...OTHERS])
  for (const address of [FIRST, ...OTHERS]) book.failed(address, 0, 0.5)
  book.linked(FIRST)
  t.deepEqual(book.healed(FIRST, 0), [])
})
