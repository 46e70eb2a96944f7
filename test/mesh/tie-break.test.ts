/** Which of two nodes dials when both learn each other's address. */

import test from 'ava'
import { DialPace } from '../../src/mesh/dialing/dial-pace.ts'
import { Quiescence } from '../../src/mesh/dialing/quiescence.ts'
import { dialsFirst, TieBreak } from '../../src/mesh/dialing/tie-break.ts'
import {
  ADDRESS_BYTES_MAX,
  DIALS_LEARNED_MAX,
  INTRODUCERS_MAX,
  TIE_BREAK_DIALS,
  TIE_BREAK_MS_MAX,
  TIE_BREAK_MS_MIN,
  TIE_BREAK_QUIESCENCE_MS_MAX,
  VERIFY_PAUSE_MS_MAX,
} from '../../src/mesh/limits.ts'
import { at, identityAt, startNode } from '../helpers/core.ts'

const ADDRESSES = Array.from({ length: 40 }, (_, index) => at(4_001 + index))

test('tie-break - of two nodes exactly one dials first', (t) => {
  for (const one of ADDRESSES) {
    for (const other of ADDRESSES) {
      if (one !== other) t.not(dialsFirst(one, other), dialsFirst(other, one))
    }
  }
})

test('tie-break - every node dials about half of the others first', (t) => {
  for (const one of ADDRESSES) {
    const count = ADDRESSES.filter((other) => other !== one && dialsFirst(one, other)).length
    t.true(count > 10 && count < 30, `${one} dials ${count} of 39 first`)
  }
})

// --- Introducers ---------------------------------------------------------------------------------

const OWN = at(4001)
const [SEED, OTHER_SEED] = [at(4002), at(4003)]

function newTieBreak({ toCome = 0 } = {}) {
  const [quiescence, pace] = [new Quiescence(), new DialPace()]
  const tieBreak = new TieBreak(OWN, quiescence, pace, () => toCome)
  return { tieBreak, quiescence, pace }
}

/** A tie-break whose introducers named these addresses. */
function withIntroducers(...lists: readonly (readonly string[])[]): TieBreak {
  const { tieBreak } = newTieBreak()
  for (const [index, list] of lists.entries()) {
    tieBreak.addIntroducer(at(4002 + index))
    tieBreak.handshakeReceived(at(4002 + index), list)
  }
  return tieBreak
}

/** A node that we dial first by the hash, and one that dials us first. */
const OURS = ADDRESSES.filter((other) => other !== OWN && dialsFirst(OWN, other)).slice(-1)
const THEIRS = ADDRESSES.filter((other) => other !== OWN && !dialsFirst(OWN, other)).slice(-1)
const BOTH = [...OURS, ...THEIRS]

test('tie-break - a node that every introducer named cannot dial us first, so we dial', (t) => {
  const tieBreak = withIntroducers(BOTH, BOTH)
  for (const other of BOTH) t.false(tieBreak.peerDials(other))
})

test('tie-break - a node that no introducer named receives our address from all of them, so we wait', (t) => {
  const tieBreak = withIntroducers([SEED], [OTHER_SEED])
  for (const other of BOTH) t.true(tieBreak.peerDials(other))
})

test('tie-break - a hash decides when one introducer named the node to us and another names us to it', (t) => {
  const tieBreak = withIntroducers(BOTH, [])
  for (const other of BOTH) t.is(tieBreak.peerDials(other), !dialsFirst(OWN, other))
})

test('tie-break - a hash decides without an introducer', (t) => {
  const tieBreak = withIntroducers()
  for (const other of BOTH) t.is(tieBreak.peerDials(other), !dialsFirst(OWN, other))
})

test('tie-break - an introducer without HANDSHAKE, or still being dialed, may name us to others', (t) => {
  const { tieBreak } = newTieBreak({ toCome: 1 })
  tieBreak.addIntroducer(SEED)
  tieBreak.handshakeReceived(SEED, BOTH)
  for (const other of BOTH) t.is(tieBreak.peerDials(other), !dialsFirst(OWN, other))
  const waiting = withIntroducers(BOTH)
  waiting.addIntroducer(OTHER_SEED)
  for (const other of BOTH) t.is(waiting.peerDials(other), !dialsFirst(OWN, other))
})

test('tie-break - only the first HANDSHAKE of an introducer counts', (t) => {
  const tieBreak = withIntroducers([SEED])
  t.false(tieBreak.handshakeReceived(SEED, BOTH))
  for (const other of BOTH) t.true(tieBreak.peerDials(other))
})

test('tie-break - an introducer that left does not count', (t) => {
  const tieBreak = withIntroducers(BOTH, [])
  tieBreak.removeIntroducer(OTHER_SEED)
  for (const other of BOTH) t.false(tieBreak.peerDials(other))
})

test('tie-break - the addresses named by eight known peers are remembered, and by no ninth', (t) => {
  const lists = Array.from({ length: INTRODUCERS_MAX }, () => BOTH)
  for (const other of BOTH) t.false(withIntroducers(...lists).peerDials(other))
  for (const other of BOTH) t.false(withIntroducers(...lists, []).peerDials(other))
  const eighth = withIntroducers(...lists.slice(1), [])
  for (const other of BOTH) t.is(eighth.peerDials(other), !dialsFirst(OWN, other))
})

test('tie-break - a text too long for an address is not remembered', (t) => {
  const fits = at(4005).padEnd(ADDRESS_BYTES_MAX, '/')
  const tieBreak = withIntroducers([fits, `${fits}/`])
  t.false(tieBreak.peerDials(fits as typeof OWN))
  t.true(tieBreak.peerDials(`${fits}/` as typeof OWN))
})

// --- Waiting -------------------------------------------------------------------------------------

test('tie-break - the wait is 250 ms when dials are quick and no node joins', (t) => {
  const { tieBreak, pace } = newTieBreak()
  pace.succeeded(5)
  tieBreak.startAwaiting(at(4010), 1_000)
  t.is(tieBreak.dueMs(), 1_000 + TIE_BREAK_MS_MIN)
  t.deepEqual(tieBreak.takeDue(1_000 + TIE_BREAK_MS_MIN - 1), [])
  t.deepEqual(tieBreak.takeDue(1_000 + TIE_BREAK_MS_MIN), [at(4010)])
  t.is(tieBreak.dueMs(), undefined)
})

test('tie-break - the wait grows with slow dials and while nodes join, up to 5 s', (t) => {
  const { tieBreak, quiescence, pace } = newTieBreak()
  tieBreak.startAwaiting(at(4010), 1_000)
  pace.succeeded(200)
  t.is(tieBreak.dueMs(), 1_000 + 600)
  quiescence.joined(2_000)
  t.is(tieBreak.dueMs(), 2_000 + 600)
  quiescence.joined(5_900)
  t.is(tieBreak.dueMs(), 1_000 + TIE_BREAK_QUIESCENCE_MS_MAX)
})

test('tie-break - with slow dials the wait grows up to six dials, and at most a minute', (t) => {
  const { tieBreak, quiescence, pace } = newTieBreak()
  tieBreak.startAwaiting(at(4010), 1_000)
  quiescence.joined(TIE_BREAK_MS_MAX + 1_000)
  pace.succeeded(500)
  t.is(tieBreak.dueMs(), 1_000 + TIE_BREAK_DIALS * 1_500)
  for (let dial = 0; dial < 50; dial += 1) pace.succeeded(20_000)
  t.is(tieBreak.dueMs(), 1_000 + TIE_BREAK_MS_MAX)
})

test('tie-break - the wait ends when no node joins for 5 s, however long dials take', (t) => {
  const { tieBreak, quiescence, pace } = newTieBreak()
  tieBreak.startAwaiting(at(4010), 1_000)
  pace.succeeded(TIE_BREAK_QUIESCENCE_MS_MAX)
  quiescence.joined(2_000)
  t.is(tieBreak.dueMs(), 2_000 + TIE_BREAK_QUIESCENCE_MS_MAX)
})

test('tie-break - a node that dialed us is no longer awaited', (t) => {
  const { tieBreak } = newTieBreak()
  tieBreak.startAwaiting(at(4010), 1_000)
  tieBreak.stopAwaiting(at(4010))
  t.false(tieBreak.awaitsDialOf(at(4010)))
  t.is(tieBreak.dueMs(), undefined)
})

test('tie-break - an awaited node that an introducer names to us alone becomes ours to dial', (t) => {
  const tieBreak = withIntroducers([])
  tieBreak.startAwaiting(at(4010), 0)
  t.deepEqual(tieBreak.takeOursToDial(), [])
  tieBreak.removeIntroducer(SEED)
  tieBreak.addIntroducer(OTHER_SEED)
  tieBreak.handshakeReceived(OTHER_SEED, [at(4010)])
  t.deepEqual(tieBreak.takeOursToDial(), [at(4010)])
  t.is(tieBreak.awaiting, 0)
})

// --- In a node -----------------------------------------------------------------------------------

/** As many addresses as may be dialed at once from the start. */
const NAMED = Array.from({ length: DIALS_LEARNED_MAX }, (_, index) => at(4_010 + index))

test('tie-break - a new node dials all addresses that its known peers name after the last HANDSHAKE of them', (t) => {
  const node = startNode({ knownPeers: [SEED, OTHER_SEED] })
  const seed = node.opens(SEED, identityAt(4002))
  node.receivesHandshake(seed, [SEED, OTHER_SEED, ...NAMED])
  const first = node.dials
  t.true(first.length < NAMED.length, 'the other one may name us to them')
  const other = node.opens(OTHER_SEED, identityAt(4003))
  node.receivesHandshake(other, [OTHER_SEED, SEED, ...NAMED])
  t.deepEqual([...first, ...node.dials].toSorted(), NAMED.toSorted())
  t.is(node.mesh.sizes().awaitedDials, 0)
})

test('tie-break - a new node does not wait for a known peer that cannot be reached', (t) => {
  const node = startNode({ knownPeers: [SEED, OTHER_SEED] })
  const seed = node.opens(SEED, identityAt(4002))
  node.receivesHandshake(seed, [SEED, ...NAMED])
  const first = node.dials
  node.failsToReach(OTHER_SEED)
  t.deepEqual([...first, ...node.dials].toSorted(), NAMED.toSorted())
})

test('tie-break - a node that is not dialed in time dials', (t) => {
  const node = startNode({ knownPeers: [SEED] })
  node.receivesHandshake(node.opens(SEED, identityAt(4002)), [SEED])
  node.receivesHandshake(node.accepts(identityAt(4003)), [at(4003), ...NAMED])
  t.deepEqual(node.dials, [], 'the known peer names us to them')
  node.waits(TIE_BREAK_MS_MIN - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials.toSorted(), NAMED.toSorted())
})

test('tie-break - dialers that never stop coming do not extend the wait past its limit', (t) => {
  const node = startNode({ knownPeers: [SEED] })
  node.receivesHandshake(node.opens(SEED, identityAt(4002)), [SEED])
  node.receivesHandshake(node.accepts(identityAt(4003)), [at(4003), at(4010)])
  for (let port = 20_000; port < 20_049; port += 1) {
    node.waits(100)
    t.deepEqual(node.dials, [])
    node.accepts(identityAt(port))
  }
  node.waits(100)
  t.deepEqual(node.dials, [at(4010)])
  t.is(node.nowMs, TIE_BREAK_QUIESCENCE_MS_MAX)
})

test('verification - claims are verified once no node joins, and every 10 s in any case', (t) => {
  const node = startNode()
  const dialsMs: number[] = []
  for (let port = 20_000; port < 20_400; port += 1) {
    node.receivesHandshake(node.accepts(identityAt(port)), [at(port)])
    node.waits(100)
    for (const dialed of node.dials) {
      dialsMs.push(node.nowMs)
      node.opens(dialed, identityAt(Number(dialed.slice(-5))))
    }
  }
  t.deepEqual(
    dialsMs,
    [1, 2, 3, 4].map((round) => round * VERIFY_PAUSE_MS_MAX),
  )
})

test('verification - with slow dials, claims wait until no node has joined for as long as a dial takes', (t) => {
  const node = startNode({ knownPeers: [SEED] })
  node.waits(1_000)
  node.receivesHandshake(node.opens(SEED, identityAt(4002)), [SEED])
  node.receivesHandshake(node.accepts(identityAt(4003)), [at(4003)])
  // The mean of dials is 1 s now, and their deviation half of that.
  node.waits(3_000 - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials, [at(4003)])
})
