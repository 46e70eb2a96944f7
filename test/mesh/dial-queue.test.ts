import test from 'ava'
import { type Address, loopbackSpellings } from '../../src/mesh/address/address.ts'
import { AddressBook } from '../../src/mesh/address/address-book.ts'
import { DialBudget } from '../../src/mesh/dialing/dial-budget.ts'
import { DialGate } from '../../src/mesh/dialing/dial-gate.ts'
import { DialPace } from '../../src/mesh/dialing/dial-pace.ts'
import { DialQueue } from '../../src/mesh/dialing/dial-queue.ts'
import {
  ALIASES_MAX,
  DIAL_LATE_MS,
  DIALS_LEARNED_MAX,
  DIALS_MAX,
  DIALS_OF_CLASS_MIN,
  OWN_ALIAS_MS_MAX,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { address, at } from '../helpers/core.ts'

const OWN = at(4001)
const PEER = at(4002)
const NOW_MS = 10_000
const TEACHER = { name: '10.6.6.6', verified: false }

/** A gate that refuses nothing yet, with all that it reads. */
function newGate({
  known = [],
  own = [OWN],
}: {
  known?: Address[]
  own?: [Address, ...Address[]]
} = {}) {
  const book = new AddressBook(known, DEFAULT_TIMINGS)
  const connected = new Set<Address>()
  const gate = new DialGate(own, book, connected)
  return {
    book,
    connected,
    gate,
    queue: new DialQueue(book, gate, new DialPace(), new DialBudget()),
  }
}

function learned(...addresses: readonly Address[]) {
  const parts = newGate()
  for (const one of addresses) parts.book.learn(one, TEACHER)
  return parts
}

test('dial gate - a learned address is dialed', (t) => {
  t.is(learned(PEER).gate.verdict(PEER, 'join', NOW_MS), 'dial')
})

test('dial gate - our own address is not dialed, under any spelling, for any purpose', (t) => {
  const [first = OWN, ...rest] = loopbackSpellings(4001)
  const { gate } = newGate({ own: [first, ...rest] })
  for (const spelling of loopbackSpellings(4001)) {
    t.is(gate.verdict(spelling, 'join', NOW_MS), 'ourselves', spelling)
    t.is(gate.verdict(spelling, 'verify', NOW_MS), 'ourselves', spelling)
  }
})

test('dial gate - no path on a place that is certain to be ours is dialed', (t) => {
  const { gate } = newGate({ own: [OWN, OWN] })
  t.is(gate.verdict(address(`${OWN}/path`), 'join', NOW_MS), 'ourselves')
})

test('dial gate - another path on the address that we announce may be dialed', (t) => {
  const { book, gate } = newGate()
  const path = address(`${OWN}/path`)
  book.learn(path, TEACHER)
  t.is(gate.verdict(path, 'join', NOW_MS), 'dial')
})

test('dial gate - an own alias of a learned address is not dialed for 30 s', (t) => {
  const { gate } = learned(PEER)
  gate.addOwnAlias(PEER, NOW_MS)
  t.is(gate.verdict(PEER, 'join', NOW_MS + OWN_ALIAS_MS_MAX - 1), 'ourselves')
  t.is(gate.verdict(PEER, 'join', NOW_MS + OWN_ALIAS_MS_MAX), 'dial')
})

test('dial gate - an address that is being dialed is not dialed, for any purpose', (t) => {
  const { gate } = learned(PEER)
  gate.begin(PEER, NOW_MS, TIMEOUT_MS)
  t.is(gate.verdict(PEER, 'join', NOW_MS), 'being-dialed')
  t.is(gate.verdict(PEER, 'verify', NOW_MS), 'being-dialed')
})

test('dial gate - an address that we are connected to is dialed only to verify it', (t) => {
  const { connected, gate } = learned(PEER)
  connected.add(PEER)
  t.is(gate.verdict(PEER, 'join', NOW_MS), 'connected')
  t.is(gate.verdict(PEER, 'verify', NOW_MS), 'dial')
})

test('dial gate - an alias is not dialed', (t) => {
  const { book, gate } = learned(at(4003))
  book.addAlias(PEER, at(4003))
  t.is(gate.verdict(PEER, 'join', NOW_MS), 'alias')
})

test('dial gate - an address that is not in the book is not dialed', (t) => {
  t.is(newGate().gate.verdict(PEER, 'join', NOW_MS), 'unknown')
})

test('dial gate - an address is not dialed before its pause is over', (t) => {
  const { book, gate } = learned(PEER)
  book.failed(PEER, NOW_MS, 0.5)
  t.is(gate.verdict(PEER, 'join', NOW_MS + 499), 'backing-off')
  t.is(gate.verdict(PEER, 'join', NOW_MS + 500), 'dial')
})

test('dial gate - a learned address that policy refuses is not dialed, for any purpose', (t) => {
  const elsewhere = address('ws://192.168.0.1:4001')
  const { gate } = learned(elsewhere)
  t.is(gate.verdict(elsewhere, 'join', NOW_MS), 'refused-by-policy')
  t.is(gate.verdict(elsewhere, 'verify', NOW_MS), 'refused-by-policy')
})

test("dial gate - policy does not apply to the operator's addresses", (t) => {
  const elsewhere = address('ws://192.168.0.1:4001')
  const { gate } = newGate({ known: [elsewhere] })
  t.is(gate.verdict(elsewhere, 'join', NOW_MS), 'dial')
  t.is(gate.policyFor(elsewhere), 'operator')
  t.is(gate.policyFor(PEER), 'loopback')
})

/** How long a dial may take, in ms. */
const TIMEOUT_MS = 5_000

/** Begins all dials that have a place. */
function beginAll({ gate, queue }: Pick<ReturnType<typeof newGate>, 'gate' | 'queue'>): number {
  let begun = 0
  for (let next = queue.next(NOW_MS); next !== undefined; next = queue.next(NOW_MS)) {
    gate.begin(next, NOW_MS, TIMEOUT_MS)
    begun += 1
  }
  return begun
}

/** So many addresses, and one more. */
function oneMoreThan(count: number): readonly Address[] {
  return Array.from({ length: count + 1 }, (_, n) => at(5_000 + n))
}

test("dial queue - 32 dials to the operator's peers run at once, and the next waits for a place", (t) => {
  const addresses = oneMoreThan(DIALS_MAX)
  const { gate, queue } = newGate({ known: [...addresses] })
  for (const one of addresses) queue.add(one)
  t.is(beginAll({ gate, queue }), DIALS_MAX)
  t.is(queue.waiting, 1)
  queue.failed(at(5_000), false, NOW_MS)
  t.is(queue.next(NOW_MS), at(5_000 + DIALS_MAX))
  t.is(queue.waiting, 0)
})

/** Adds addresses of a class, one more than all others leave it places. */
const CLASSES: readonly (readonly [
  what: string,
  add: (parts: ReturnType<typeof newGate>, one: Address) => void,
])[] = [
  [
    'reached',
    ({ book, queue }, one) => {
      book.reached(one, 0)
      queue.add(one)
    },
  ],
  ['plain peers that dialed us', ({ queue }, one) => queue.addDialBack(one, '10.6.6.6')],
  ['never reached', ({ queue }, one) => queue.add(one)],
]

for (const [what, add] of CLASSES) {
  test(`dial queue - 24 dials of one class run at once, and leave 3 places to each other class: ${what}`, (t) => {
    const parts = learned(...oneMoreThan(DIALS_MAX))
    const { gate, queue } = parts
    for (const one of oneMoreThan(DIALS_LEARNED_MAX)) add(parts, one)
    t.is(beginAll({ gate, queue }), DIALS_LEARNED_MAX)
    t.is(queue.waiting, 1)
    let port = 6_000
    for (const [other, addOther] of CLASSES) {
      if (other === what) continue
      for (let n = 0; n <= DIALS_OF_CLASS_MIN; n += 1) {
        port += 1
        parts.book.learn(at(port), TEACHER)
        addOther(parts, at(port))
      }
    }
    t.is(beginAll({ gate, queue }), 2 * DIALS_OF_CLASS_MIN)
    t.false(queue.isFull, 'the rest is for known peers and verification')
  })
}

test('dial queue - fewer learned addresses are dialed at once after timeouts because we are busy', (t) => {
  const known = [at(4002), at(4003)]
  const { book, gate, queue } = newGate({ known })
  const others = Array.from({ length: DIALS_LEARNED_MAX + 2 }, (_, n) => at(5_000 + n))
  for (const one of others) {
    book.learn(one, TEACHER)
    queue.add(one)
  }
  t.is(beginAll({ gate, queue }), DIALS_LEARNED_MAX)
  queue.failed(at(5_000), true, NOW_MS + TIMEOUT_MS + DIAL_LATE_MS - 1)
  t.is(beginAll({ gate, queue }), 1, 'that one never answers')
  queue.failed(at(5_001), true, NOW_MS + TIMEOUT_MS + DIAL_LATE_MS)
  t.is(beginAll({ gate, queue }), 0)
  for (const one of known) queue.add(one)
  t.is(beginAll({ gate, queue }), known.length, "the operator's are not among them")
})

test("dial queue - the operator's peers are dialed first, then plain peers that dialed us, then the others", (t) => {
  const { book, queue } = newGate({ known: [at(4004)] })
  for (const port of [4002, 4003]) book.learn(at(port), TEACHER)
  queue.add(at(4002))
  queue.addDialBack(at(4003), '10.6.6.6')
  queue.add(at(4004))
  t.deepEqual(
    [queue.next(NOW_MS), queue.next(NOW_MS), queue.next(NOW_MS), queue.next(NOW_MS)],
    [at(4004), at(4003), at(4002), undefined],
  )
})

test('dial queue - a node that stops empties the queue, whatever the purposes', (t) => {
  const { book, queue } = newGate({ known: [at(4004)] })
  for (const port of [4002, 4003]) book.learn(at(port), TEACHER)
  queue.add(at(4002))
  queue.addDialBack(at(4003), '10.6.6.6')
  queue.add(at(4004))
  queue.clear()
  t.is(queue.waiting, 0)
})

test('dial queue - addresses of one purpose are dialed in the order in which they were added', (t) => {
  const { queue } = learned(at(4002), at(4003), at(4004))
  for (const port of [4003, 4002, 4004, 4003]) queue.add(at(port))
  t.deepEqual(
    [queue.next(NOW_MS), queue.next(NOW_MS), queue.next(NOW_MS), queue.next(NOW_MS)],
    [at(4003), at(4002), at(4004), undefined],
  )
})

test('dial queue - an address that the gate refuses when its turn comes is dropped', (t) => {
  const { connected, queue } = learned(at(4002), at(4003))
  queue.add(at(4002))
  queue.add(at(4003))
  connected.add(at(4002))
  t.is(queue.next(NOW_MS), at(4003))
  t.is(queue.waiting, 0)
})

test('dial queue - an address is attempted from the begin of its dial to its end', (t) => {
  const { gate, queue } = learned(PEER)
  gate.begin(PEER, NOW_MS, TIMEOUT_MS)
  t.deepEqual([...gate.attemptingToConnectToAddress], [PEER])
  queue.failed(PEER, false, NOW_MS)
  t.deepEqual([...gate.attemptingToConnectToAddress], [])
})

test('dial queue - an address that we are connected to is never attempted', (t) => {
  const { connected, gate } = learned(PEER)
  gate.begin(PEER, NOW_MS, TIMEOUT_MS)
  connected.add(PEER)
  gate.updateAttempting(PEER)
  t.deepEqual([...gate.attemptingToConnectToAddress], [])
  connected.delete(PEER)
  gate.updateAttempting(PEER)
  t.deepEqual([...gate.attemptingToConnectToAddress], [PEER])
})

test('dial queue - 1,024 own aliases are remembered; one more drops the oldest', (t) => {
  const { gate } = newGate()
  for (let n = 0; n < ALIASES_MAX; n += 1) gate.addOwnAlias(at(10_000 + n), NOW_MS)
  t.true(gate.isOwnAddress(at(10_000), NOW_MS))
  gate.addOwnAlias(at(10_000 + ALIASES_MAX), NOW_MS)
  t.false(gate.isOwnAddress(at(10_000), NOW_MS))
  t.true(gate.isOwnAddress(at(10_001), NOW_MS))
  t.true(gate.isOwnAddress(at(10_000 + ALIASES_MAX), NOW_MS))
})
