import test from 'ava'
import { type Address, loopbackSpellings } from '../../src/mesh/address/address.ts'
import { AddressBook } from '../../src/mesh/address/address-book.ts'
import { Dialing } from '../../src/mesh/dialing/dial-queue.ts'
import {
  ALIASES_MAX,
  DIAL_LATE_MS,
  DIALS_LEARNED_MAX,
  DIALS_MAX,
  DIALS_RESERVED,
  DIALS_UNCALLED,
  OWN_SPELLING_MS,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { address, at } from '../helpers/core.ts'

const OWN = at(4001)
const PEER = at(4002)
const NOW_MS = 10_000

/** A gate that nothing is against yet, with all that it looks at. */
function newGate({
  known = [],
  own = [OWN],
}: {
  known?: Address[]
  own?: [Address, ...Address[]]
} = {}) {
  const book = new AddressBook(known, DEFAULT_TIMINGS)
  const connected = new Set<Address>()
  return { book, connected, dialing: new Dialing(own, book, connected) }
}

function learned(...addresses: readonly Address[]) {
  const gate = newGate()
  for (const one of addresses) gate.book.learn(one)
  return gate
}

test('dial gate - a learned address is dialed', (t) => {
  t.is(learned(PEER).dialing.gate(PEER, 'join', NOW_MS), 'dial')
})

test('dial gate - our own address is not dialed, under any spelling, whatever for', (t) => {
  const [first = OWN, ...rest] = loopbackSpellings(4001)
  const { dialing } = newGate({ own: [first, ...rest] })
  for (const spelling of loopbackSpellings(4001)) {
    t.is(dialing.gate(spelling, 'join', NOW_MS), 'ourselves', spelling)
    t.is(dialing.gate(spelling, 'verify', NOW_MS), 'ourselves', spelling)
  }
})

test('dial gate - no path on a place that is certainly ours is dialed', (t) => {
  const { dialing } = newGate({ own: [OWN, OWN] })
  t.is(dialing.gate(address(`${OWN}/path`), 'join', NOW_MS), 'ourselves')
})

test('dial gate - another path on the address that we only tell may be dialed', (t) => {
  const { book, dialing } = newGate()
  const path = address(`${OWN}/path`)
  book.learn(path)
  t.is(dialing.gate(path, 'join', NOW_MS), 'dial')
})

test('dial gate - what turned out to be ourselves is not dialed for 10 minutes', (t) => {
  const { dialing } = learned(PEER)
  dialing.addOwnSpelling(PEER, NOW_MS)
  t.is(dialing.gate(PEER, 'join', NOW_MS + OWN_SPELLING_MS - 1), 'ourselves')
  t.is(dialing.gate(PEER, 'join', NOW_MS + OWN_SPELLING_MS), 'dial')
})

test('dial gate - an address that is being dialed is not dialed, whatever for', (t) => {
  const { dialing } = learned(PEER)
  dialing.begin(PEER, NOW_MS, TIMEOUT_MS)
  t.is(dialing.gate(PEER, 'join', NOW_MS), 'being-dialed')
  t.is(dialing.gate(PEER, 'verify', NOW_MS), 'being-dialed')
})

test('dial gate - an address that we are connected to is dialed only to verify it', (t) => {
  const { connected, dialing } = learned(PEER)
  connected.add(PEER)
  t.is(dialing.gate(PEER, 'join', NOW_MS), 'connected')
  t.is(dialing.gate(PEER, 'verify', NOW_MS), 'dial')
})

test('dial gate - an alias is not dialed', (t) => {
  const { book, dialing } = learned(at(4003))
  book.addAlias(PEER, at(4003))
  t.is(dialing.gate(PEER, 'join', NOW_MS), 'alias')
})

test('dial gate - an address that is not in the book is not dialed', (t) => {
  t.is(newGate().dialing.gate(PEER, 'join', NOW_MS), 'unknown')
})

test('dial gate - an address is not dialed before its pause is over', (t) => {
  const { book, dialing } = learned(PEER)
  book.failed(PEER, NOW_MS, 0.5)
  t.is(dialing.gate(PEER, 'join', NOW_MS + 499), 'backing-off')
  t.is(dialing.gate(PEER, 'join', NOW_MS + 500), 'dial')
})

test('dial gate - a learned address that policy refuses is not dialed, whatever for', (t) => {
  const elsewhere = address('ws://192.168.0.1:4001')
  const { dialing } = learned(elsewhere)
  t.is(dialing.gate(elsewhere, 'join', NOW_MS), 'refused-by-policy')
  t.is(dialing.gate(elsewhere, 'verify', NOW_MS), 'refused-by-policy')
})

test("dial gate - policy does not bind the operator's addresses", (t) => {
  const elsewhere = address('ws://192.168.0.1:4001')
  const { dialing } = newGate({ known: [elsewhere] })
  t.is(dialing.gate(elsewhere, 'join', NOW_MS), 'dial')
  t.is(dialing.policyFor(elsewhere), 'operator')
  t.is(dialing.policyFor(PEER), 'loopback')
})

/** How long a dial may take, in ms. */
const TIMEOUT_MS = 5_000

/** Begins all dials that there is a place for. */
function beginAll(dialing: Dialing): number {
  let begun = 0
  for (let next = dialing.next(NOW_MS); next !== undefined; next = dialing.next(NOW_MS)) {
    dialing.begin(next, NOW_MS, TIMEOUT_MS)
    begun += 1
  }
  return begun
}

/** So many addresses, and one more. */
function oneMoreThan(count: number): readonly Address[] {
  return Array.from({ length: count + 1 }, (_, n) => at(5_000 + n))
}

test("dialing - 32 dials to the operator's peers are under way at once, and the next waits for a place", (t) => {
  const addresses = oneMoreThan(DIALS_MAX)
  const { dialing } = newGate({ known: [...addresses] })
  for (const one of addresses) dialing.want(one)
  t.is(beginAll(dialing), DIALS_MAX)
  t.is(dialing.waiting, 1)
  dialing.fail(at(5_000), false, NOW_MS)
  t.is(dialing.next(NOW_MS), at(5_000 + DIALS_MAX))
  t.is(dialing.waiting, 0)
})

test('dialing - learned addresses leave 8 places to others, and plain callers 4', (t) => {
  for (const { isCallBack, left } of [
    { isCallBack: false, left: DIALS_RESERVED },
    { isCallBack: true, left: DIALS_UNCALLED },
  ]) {
    const addresses = oneMoreThan(DIALS_MAX - left)
    const { dialing } = learned(...addresses)
    for (const one of addresses) dialing.want(one, isCallBack)
    t.is(beginAll(dialing), DIALS_MAX - left)
    t.is(dialing.waiting, 1)
    t.false(dialing.isFull)
  }
})

test('dialing - of learned addresses fewer are dialed once they time out because we are busy', (t) => {
  const known = [at(4002), at(4003)]
  const { book, dialing } = newGate({ known })
  const others = Array.from({ length: DIALS_LEARNED_MAX + 2 }, (_, n) => at(5_000 + n))
  for (const one of others) {
    book.learn(one)
    dialing.want(one)
  }
  t.is(beginAll(dialing), DIALS_LEARNED_MAX)
  dialing.fail(at(5_000), true, NOW_MS + TIMEOUT_MS + DIAL_LATE_MS - 1)
  t.is(beginAll(dialing), 1, 'that one never answers')
  dialing.fail(at(5_001), true, NOW_MS + TIMEOUT_MS + DIAL_LATE_MS)
  t.is(beginAll(dialing), 0)
  for (const one of known) dialing.want(one)
  t.is(beginAll(dialing), known.length, "the operator's are not among them")
})

test("dialing - the operator's peers come first, then plain callers, then the others", (t) => {
  const { book, dialing } = newGate({ known: [at(4004)] })
  for (const port of [4002, 4003]) book.learn(at(port))
  dialing.want(at(4002))
  dialing.want(at(4003), true)
  dialing.want(at(4004))
  t.deepEqual(
    [dialing.next(NOW_MS), dialing.next(NOW_MS), dialing.next(NOW_MS), dialing.next(NOW_MS)],
    [at(4004), at(4003), at(4002), undefined],
  )
})

test('dialing - a node that stops wants nothing any more, whoever wanted it', (t) => {
  const { book, dialing } = newGate({ known: [at(4004)] })
  for (const port of [4002, 4003]) book.learn(at(port))
  dialing.want(at(4002))
  dialing.want(at(4003), true)
  dialing.want(at(4004))
  dialing.clear()
  t.is(dialing.waiting, 0)
})

test('dialing - first come, first served', (t) => {
  const { dialing } = learned(at(4002), at(4003), at(4004))
  for (const port of [4003, 4002, 4004, 4003]) dialing.want(at(port))
  t.deepEqual(
    [dialing.next(NOW_MS), dialing.next(NOW_MS), dialing.next(NOW_MS), dialing.next(NOW_MS)],
    [at(4003), at(4002), at(4004), undefined],
  )
})

test('dialing - what the gate refuses by the time it gets its place is dropped', (t) => {
  const { connected, dialing } = learned(at(4002), at(4003))
  dialing.want(at(4002))
  dialing.want(at(4003))
  connected.add(at(4002))
  t.is(dialing.next(NOW_MS), at(4003))
  t.is(dialing.waiting, 0)
})

test('dialing - an address is attempted from the begin of its dial to the end', (t) => {
  const { dialing } = learned(PEER)
  dialing.begin(PEER, NOW_MS, TIMEOUT_MS)
  t.deepEqual([...dialing.attemptingToConnectToAddress], [PEER])
  dialing.fail(PEER, false, NOW_MS)
  t.deepEqual([...dialing.attemptingToConnectToAddress], [])
})

test('dialing - an address that we are connected to is never an attempted one', (t) => {
  const { connected, dialing } = learned(PEER)
  dialing.begin(PEER, NOW_MS, TIMEOUT_MS)
  connected.add(PEER)
  dialing.track(PEER)
  t.deepEqual([...dialing.attemptingToConnectToAddress], [])
  connected.delete(PEER)
  dialing.track(PEER)
  t.deepEqual([...dialing.attemptingToConnectToAddress], [PEER])
})

test('dialing - 1,024 own spellings are remembered; one more costs the oldest', (t) => {
  const { dialing } = newGate()
  for (let n = 0; n < ALIASES_MAX; n += 1) dialing.addOwnSpelling(at(10_000 + n), NOW_MS)
  t.true(dialing.isOurs(at(10_000), NOW_MS))
  dialing.addOwnSpelling(at(10_000 + ALIASES_MAX), NOW_MS)
  t.false(dialing.isOurs(at(10_000), NOW_MS))
  t.true(dialing.isOurs(at(10_001), NOW_MS))
  t.true(dialing.isOurs(at(10_000 + ALIASES_MAX), NOW_MS))
})
