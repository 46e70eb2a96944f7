/** Who dials first when two nodes hear of each other. */

import test from 'ava'
import { DialPace } from '../../src/mesh/dialing/dial-pace.ts'
import { Calm } from '../../src/mesh/dialing/quiescence.ts'
import { Courtesy, goesFirst } from '../../src/mesh/dialing/tie-break.ts'
import {
  ADDRESS_BYTES_MAX,
  COURTESY_CALM_MS_MAX,
  COURTESY_DIALS,
  COURTESY_MS_MAX,
  COURTESY_MS_MIN,
  DIALS_LEARNED_MAX,
  VERIFY_PATIENCE_MS,
  WITNESSES_MAX,
} from '../../src/mesh/limits.ts'
import { at, identityAt, startNode } from '../helpers/core.ts'

const ADDRESSES = Array.from({ length: 40 }, (_, index) => at(4_001 + index))

test('courtesy - of two nodes exactly one goes first', (t) => {
  for (const one of ADDRESSES) {
    for (const other of ADDRESSES) {
      if (one !== other) t.not(goesFirst(one, other), goesFirst(other, one))
    }
  }
})

test('courtesy - every node goes first to about half of the others', (t) => {
  for (const one of ADDRESSES) {
    const count = ADDRESSES.filter((other) => other !== one && goesFirst(one, other)).length
    t.true(count > 10 && count < 30, `${one} goes first to ${count} of 39`)
  }
})

// --- Witnesses -----------------------------------------------------------------------------------

const OWN = at(4001)
const [SEED, OTHER_SEED] = [at(4002), at(4003)]

function newCourtesy({ toCome = 0 } = {}) {
  const [calm, pace] = [new Calm(), new DialPace()]
  const courtesy = new Courtesy({ ownAddress: OWN, calm, pace, witnessesToCome: () => toCome })
  return { courtesy, calm, pace }
}

/** One whose witnesses named these. */
function withWitnesses(...lists: readonly (readonly string[])[]): Courtesy {
  const { courtesy } = newCourtesy()
  for (const [index, list] of lists.entries()) {
    courtesy.expectWitness(at(4002 + index))
    courtesy.hear(at(4002 + index), list)
  }
  return courtesy
}

/** To whom the hash says that we go first, and who goes first to us. */
const OURS = ADDRESSES.filter((other) => other !== OWN && goesFirst(OWN, other)).slice(-1)
const THEIRS = ADDRESSES.filter((other) => other !== OWN && !goesFirst(OWN, other)).slice(-1)
const BOTH = [...OURS, ...THEIRS]

test('courtesy - whom every witness named was not told of us, so we dial', (t) => {
  const courtesy = withWitnesses(BOTH, BOTH)
  for (const other of BOTH) t.false(courtesy.leavesTo(other))
})

test('courtesy - whom no witness named is told of us by all of them, so we wait', (t) => {
  const courtesy = withWitnesses([SEED], [OTHER_SEED])
  for (const other of BOTH) t.true(courtesy.leavesTo(other))
})

test('courtesy - between those of whom one witness told us, and told them the other, a hash decides', (t) => {
  const courtesy = withWitnesses(BOTH, [])
  for (const other of BOTH) t.is(courtesy.leavesTo(other), !goesFirst(OWN, other))
})

test('courtesy - without a witness a hash decides, too', (t) => {
  const courtesy = withWitnesses()
  for (const other of BOTH) t.is(courtesy.leavesTo(other), !goesFirst(OWN, other))
})

test('courtesy - a witness that has not spoken yet, or is only being dialed, may tell others of us', (t) => {
  const { courtesy } = newCourtesy({ toCome: 1 })
  courtesy.expectWitness(SEED)
  courtesy.hear(SEED, BOTH)
  for (const other of BOTH) t.is(courtesy.leavesTo(other), !goesFirst(OWN, other))
  const silent = withWitnesses(BOTH)
  silent.expectWitness(OTHER_SEED)
  for (const other of BOTH) t.is(silent.leavesTo(other), !goesFirst(OWN, other))
})

test('courtesy - what a witness names later says nothing of who came first', (t) => {
  const courtesy = withWitnesses([SEED])
  t.false(courtesy.hear(SEED, BOTH))
  for (const other of BOTH) t.true(courtesy.leavesTo(other))
})

test('courtesy - a witness that left does not count', (t) => {
  const courtesy = withWitnesses(BOTH, [])
  courtesy.dismissWitness(OTHER_SEED)
  for (const other of BOTH) t.false(courtesy.leavesTo(other))
})

test('courtesy - of eight known peers is remembered whom they named, and no ninth', (t) => {
  const lists = Array.from({ length: WITNESSES_MAX }, () => BOTH)
  for (const other of BOTH) t.false(withWitnesses(...lists).leavesTo(other))
  for (const other of BOTH) t.false(withWitnesses(...lists, []).leavesTo(other))
  const eighth = withWitnesses(...lists.slice(1), [])
  for (const other of BOTH) t.is(eighth.leavesTo(other), !goesFirst(OWN, other))
})

test('courtesy - text that is too long for an address is not remembered', (t) => {
  const fits = at(4005).padEnd(ADDRESS_BYTES_MAX, '/')
  const courtesy = withWitnesses([fits, `${fits}/`])
  t.false(courtesy.leavesTo(fits as typeof OWN))
  t.true(courtesy.leavesTo(`${fits}/` as typeof OWN))
})

// --- Waiting -------------------------------------------------------------------------------------

test('courtesy - we wait for 250 ms when dials are quick and nobody joins', (t) => {
  const { courtesy, pace } = newCourtesy()
  pace.succeeded(5)
  courtesy.waitFor(at(4010), 1_000)
  t.is(courtesy.dueMs(), 1_000 + COURTESY_MS_MIN)
  t.deepEqual(courtesy.takeDue(1_000 + COURTESY_MS_MIN - 1), [])
  t.deepEqual(courtesy.takeDue(1_000 + COURTESY_MS_MIN), [at(4010)])
  t.is(courtesy.dueMs(), undefined)
})

test('courtesy - we wait longer where dials take longer, and while nodes join, but no longer than 5 s', (t) => {
  const { courtesy, calm, pace } = newCourtesy()
  courtesy.waitFor(at(4010), 1_000)
  pace.succeeded(200)
  t.is(courtesy.dueMs(), 1_000 + 600)
  calm.joined(2_000)
  t.is(courtesy.dueMs(), 2_000 + 600)
  calm.joined(5_900)
  t.is(courtesy.dueMs(), 1_000 + COURTESY_CALM_MS_MAX)
})

test('courtesy - or than six dials take where they take long, but no longer than a minute', (t) => {
  const { courtesy, calm, pace } = newCourtesy()
  courtesy.waitFor(at(4010), 1_000)
  calm.joined(COURTESY_MS_MAX + 1_000)
  pace.succeeded(500)
  t.is(courtesy.dueMs(), 1_000 + COURTESY_DIALS * 1_500)
  for (let dial = 0; dial < 50; dial += 1) pace.succeeded(20_000)
  t.is(courtesy.dueMs(), 1_000 + COURTESY_MS_MAX)
})

test('courtesy - however long dials take, the mesh is complete when nobody joins for 5 s', (t) => {
  const { courtesy, calm, pace } = newCourtesy()
  courtesy.waitFor(at(4010), 1_000)
  pace.succeeded(COURTESY_CALM_MS_MAX)
  calm.joined(2_000)
  t.is(courtesy.dueMs(), 2_000 + COURTESY_CALM_MS_MAX)
})

test('courtesy - who has called is waited for no more', (t) => {
  const { courtesy } = newCourtesy()
  courtesy.waitFor(at(4010), 1_000)
  courtesy.cease(at(4010))
  t.false(courtesy.isWaitingFor(at(4010)))
  t.is(courtesy.dueMs(), undefined)
})

test('courtesy - those whom a witness turns out to have named to us alone are ours to dial', (t) => {
  const courtesy = withWitnesses([])
  courtesy.waitFor(at(4010), 0)
  t.deepEqual(courtesy.takeOurs(), [])
  courtesy.dismissWitness(SEED)
  courtesy.expectWitness(OTHER_SEED)
  courtesy.hear(OTHER_SEED, [at(4010)])
  t.deepEqual(courtesy.takeOurs(), [at(4010)])
  t.is(courtesy.waiting, 0)
})

// --- In a node -----------------------------------------------------------------------------------

/** As many as may be dialed at once from the start. */
const MATES = Array.from({ length: DIALS_LEARNED_MAX }, (_, index) => at(4_010 + index))

test('courtesy - a newcomer dials all whom its known peers name as soon as the last of those has spoken', (t) => {
  const node = startNode({ knownPeers: [SEED, OTHER_SEED] })
  const seed = node.reaches(SEED, identityAt(4002))
  node.hearsHandshake(seed, [SEED, OTHER_SEED, ...MATES])
  const first = node.dials
  t.true(first.length < MATES.length, 'the other one may tell them of us')
  const other = node.reaches(OTHER_SEED, identityAt(4003))
  node.hearsHandshake(other, [OTHER_SEED, SEED, ...MATES])
  t.deepEqual([...first, ...node.dials].toSorted(), MATES.toSorted())
  t.is(node.mesh.sizes().courtesies, 0)
})

test('courtesy - a newcomer does not wait for a known peer that is not there', (t) => {
  const node = startNode({ knownPeers: [SEED, OTHER_SEED] })
  const seed = node.reaches(SEED, identityAt(4002))
  node.hearsHandshake(seed, [SEED, ...MATES])
  const first = node.dials
  node.failsToReach(OTHER_SEED)
  t.deepEqual([...first, ...node.dials].toSorted(), MATES.toSorted())
})

test('courtesy - who is not called dials by itself', (t) => {
  const node = startNode({ knownPeers: [SEED] })
  node.hearsHandshake(node.reaches(SEED, identityAt(4002)), [SEED])
  node.hearsHandshake(node.accepts(identityAt(4003)), [at(4003), ...MATES])
  t.deepEqual(node.dials, [], 'the known peer tells them of us')
  node.waits(COURTESY_MS_MIN - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials.toSorted(), MATES.toSorted())
})

test('courtesy - strangers who come without end do not keep us from those we wait for', (t) => {
  const node = startNode({ knownPeers: [SEED] })
  node.hearsHandshake(node.reaches(SEED, identityAt(4002)), [SEED])
  node.hearsHandshake(node.accepts(identityAt(4003)), [at(4003), at(4010)])
  for (let port = 20_000; port < 20_049; port += 1) {
    node.waits(100)
    t.deepEqual(node.dials, [])
    node.accepts(identityAt(port))
  }
  node.waits(100)
  t.deepEqual(node.dials, [at(4010)])
  t.is(node.nowMs, COURTESY_CALM_MS_MAX)
})

test('courtesy - claims are looked into once nobody joins any more, and each 10 s anyway', (t) => {
  const node = startNode()
  const dialsMs: number[] = []
  for (let port = 20_000; port < 20_400; port += 1) {
    node.hearsHandshake(node.accepts(identityAt(port)), [at(port)])
    node.waits(100)
    for (const dialed of node.dials) {
      dialsMs.push(node.nowMs)
      node.reaches(dialed, identityAt(Number(dialed.slice(-5))))
    }
  }
  t.deepEqual(
    dialsMs,
    [1, 2, 3, 4].map((looks) => looks * VERIFY_PATIENCE_MS),
  )
})

test('courtesy - where dials take long, claims wait until nobody has joined for as long as one', (t) => {
  const node = startNode({ knownPeers: [SEED] })
  node.waits(1_000)
  node.hearsHandshake(node.reaches(SEED, identityAt(4002)), [SEED])
  node.hearsHandshake(node.accepts(identityAt(4003)), [at(4003)])
  // Its mean is 1 s now, and its deviation half of that.
  node.waits(3_000 - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials, [at(4003)])
})
