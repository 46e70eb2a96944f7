/** Peers that name addresses without end: what they delay, and what they make us dial. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { hostOf } from '../../src/mesh/address/address.ts'
import {
  DIALS_LIMITED_PAUSE_MS,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  TEACHER_DIALS_BURST,
} from '../../src/mesh/limits.ts'
import { address, identityAt, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

const STRANGER = '10.6.6.6'
const TARGET = '10.7.7.7'
const DIAL_TIMEOUT_MS = 5_000
const STEP_MS = 50

/** The address of a node on a host of its own. */
function node(number: number): Address {
  return address(`ws://10.0.${number >> 8}.${number & 255}:4000`)
}

function newNode(knownPeers: readonly Address[] = []): TestNode {
  return startNode({ ownAddresses: [node(1)], knownPeers })
}

/** Addresses on hosts that drop every packet, none of them named before. */
function silentAddresses(from: number, count: number): readonly Address[] {
  return Array.from({ length: count }, (_, n) =>
    address(`ws://10.8.${(from + n) >> 8}.${(from + n) & 255}:4000`),
  )
}

/** How a dial of an address ends: at once, or, if it is silent, when its time is over. */
type Answer = 'refused' | 'silent'

/** Lets a node dial, and ends its dials. */
class Dials {
  readonly begun: { readonly address: Address; readonly atMs: number }[] = []
  readonly limited: unknown[] = []
  readonly #node: TestNode
  readonly #answer: (address: Address) => Answer
  #open: { readonly address: Address; readonly endMs: number }[] = []

  constructor(dialing: TestNode, answer: (address: Address) => Answer) {
    this.#node = dialing
    this.#answer = answer
  }

  /** Takes the dials of the last input, and ends those that end at once. Call it after each. */
  take(): void {
    this.#collect()
    while (this.#endDue()) this.#collect()
  }

  #collect(): void {
    const { dials, nowMs } = this.#node
    this.limited.push(...this.#node.eventsOf('dials-limited'))
    for (const dialed of dials) {
      this.begun.push({ address: dialed, atMs: nowMs })
      const takesMs = this.#answer(dialed) === 'silent' ? DIAL_TIMEOUT_MS : 0
      this.#open.push({ address: dialed, endMs: nowMs + takesMs })
    }
  }

  /** Ends one dial whose time has come, which may begin others. */
  #endDue(): boolean {
    const due = this.#open.find(({ endMs }) => endMs <= this.#node.nowMs)
    if (due === undefined) return false
    this.#open = this.#open.filter((one) => one !== due)
    this.#node.failsToReach(due.address)
    return true
  }

  /** Lets time pass until the address is dialed, from now on. Returns how long that took, in ms. */
  untilDialed(wanted: Address, mostMs: number): number {
    const sinceMs = this.#node.nowMs
    const isDialed = (): boolean =>
      this.begun.some(({ address: dialed, atMs }) => dialed === wanted && atMs >= sinceMs)
    while (!isDialed() && this.#node.nowMs < sinceMs + mostMs) this.wait(STEP_MS)
    return this.#node.nowMs - sinceMs
  }

  wait(ms: number): void {
    const untilMs = this.#node.nowMs + ms
    while (this.#node.nowMs < untilMs) {
      this.#node.waits(STEP_MS)
      this.take()
    }
  }

  /** How many dials of a host began from a time on. */
  countOf(host: string, sinceMs = 0): number {
    return this.begun.filter((dial) => hostOf(dial.address) === host && dial.atMs >= sinceMs).length
  }
}

/** Hands over many full HANDSHAKEs of silent addresses, each on a link of its own. */
function poison(poisoned: TestNode, dials: Dials, host = STRANGER, from = 0): void {
  for (let handshakes = 0; handshakes < 5; handshakes += 1) {
    const silent = silentAddresses(from + 999 * handshakes, 999)
    poisoned.receivesHandshake(poisoned.accepts(PLAIN, host), silent)
    dials.take()
  }
}

test('poisoned book - a peer that was reached is dialed again at once, whatever strangers name', (t) => {
  const ours = newNode()
  const introducer = ours.accepts(identityAt(2, { address: node(2) }), '10.0.0.2')
  ours.receivesHandshake(introducer, [node(2), node(3)])
  ours.waits(10_000)
  const link = ours.reaches(node(3), identityAt(3, { address: node(3) }))
  ours.waits(20_000)
  const dials = new Dials(ours, () => 'silent')
  poison(ours, dials)
  dials.wait(30_000)
  ours.loses(link)
  dials.take()
  t.true(dials.untilDialed(node(3), 20 * 60_000) <= 2_000)
})

test('poisoned book - an address that a stranger does not name is dialed soon', (t) => {
  const ours = newNode([node(2)])
  const introducer = ours.reaches(node(2), identityAt(2, { address: node(2) }))
  const dials = new Dials(ours, () => 'silent')
  poison(ours, dials)
  dials.wait(30_000)
  ours.receivesHandshake(introducer, [node(2), node(3)])
  dials.take()
  t.true(dials.untilDialed(node(3), 20 * 60_000) <= 7_000)
})

test('poisoned book - addresses that were reached and went silent do not hold up others', (t) => {
  const ours = newNode([node(2)])
  const introducer = ours.reaches(node(2), identityAt(2, { address: node(2) }))
  const liar = ours.accepts(PLAIN, STRANGER)
  const paths = Array.from({ length: 200 }, (_, n) => `ws://${STRANGER}:${10_000 + n}`)
  ours.receivesHandshake(liar, paths)
  const links: number[] = []
  for (let n = 0; n < paths.length; n += 1) {
    const [next] = ours.attempting
    if (next !== undefined) links.push(ours.reaches(next, PLAIN))
  }
  ours.receivesHandshake(introducer, [node(3)])
  ours.waits(10_000)
  const link = ours.reaches(node(3), identityAt(3, { address: node(3) }))
  ours.waits(20_000)
  const dials = new Dials(ours, () => 'silent')
  for (const one of links) {
    ours.loses(one)
    dials.take()
  }
  dials.wait(30_000)
  ours.loses(link)
  dials.take()
  t.true(dials.untilDialed(node(3), 60_000) <= 2_000)
  ours.receivesHandshake(ours.accepts(PLAIN, '10.0.0.4'), [node(5), node(4), node(6)])
  dials.take()
  t.true(dials.untilDialed(node(4), 60_000) <= 7_000, 'one that was never reached')
})

test('poisoned book - of two strangers that name a new node only one can delay it', (t) => {
  const ours = newNode([node(2)])
  const introducer = ours.reaches(node(2), identityAt(2, { address: node(2) }))
  const dials = new Dials(ours, () => 'silent')
  poison(ours, dials)
  ours.receivesHandshake(ours.accepts(PLAIN, '10.6.6.7'), [
    ...silentAddresses(30_000, 500),
    node(3),
    node(4),
  ])
  dials.take()
  ours.receivesHandshake(introducer, [node(3)])
  dials.take()
  t.true(dials.untilDialed(node(3), 20 * 60_000) <= 7_000, 'an honest peer names it, too')
})

test('scan - eight links cannot make us dial a third host without end', (t) => {
  const ours = newNode()
  const dials = new Dials(ours, () => 'refused')
  const links = Array.from({ length: 8 }, () => ours.accepts(PLAIN, STRANGER))
  for (let second = 0; second < 60; second += 1) {
    for (const [n, link] of links.entries()) {
      for (let m = 0; m < 115; m += 1) {
        const port = 10_000 + 115 * n + m
        ours.receivesHandshake(link, [`ws://${TARGET}:${port}/any/path`])
        dials.take()
      }
    }
    dials.wait(1_000)
  }
  t.true(dials.countOf(TARGET) >= HOST_DIALS_BURST)
  t.true(dials.countOf(TARGET, 50_000) <= 10 * HOST_DIALS_PER_SECOND + 1)
})

/** Hands over a HANDSHAKE, and counts the dials that follow at once. */
function dialsOf(ours: TestNode, addresses: readonly string[], host = STRANGER): Dials {
  const dials = new Dials(ours, () => 'refused')
  for (let from = 0; from < addresses.length; from += 1_000) {
    ours.receivesHandshake(ours.accepts(PLAIN, host), addresses.slice(from, from + 1_000))
    dials.take()
  }
  return dials
}

/** Addresses on one host. */
function portsOf(host: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `ws://${host}:${10_000 + n}`)
}

test('scan - 256 addresses of one host are dialed at once, and the next when the budget admits it', (t) => {
  t.is(dialsOf(newNode(), portsOf(TARGET, HOST_DIALS_BURST)).begun.length, HOST_DIALS_BURST)
  const ours = newNode()
  const dials = dialsOf(ours, portsOf(TARGET, HOST_DIALS_BURST + 1))
  t.is(dials.begun.length, HOST_DIALS_BURST)
  const nextMs = 1_000 / HOST_DIALS_PER_SECOND
  ours.waits(nextMs - 1)
  t.is(ours.dials.length, 0)
  ours.waits(2)
  t.is(ours.dials.length, 1)
})

test('scan - the peers of one host cause 1,024 dials at once, of whatever hosts', (t) => {
  const hosts = [1, 2, 3, 4, 5].map((n) => `10.7.7.${n}`)
  const each = hosts.flatMap((host) => portsOf(host, 204))
  const named = [...each, ...portsOf('10.7.8.1', 5)].slice(0, 1_024)
  const ours = newNode()
  const dials = dialsOf(ours, named)
  t.is(dials.begun.length, TEACHER_DIALS_BURST)
  ours.receivesHandshake(ours.accepts(PLAIN, STRANGER), portsOf('10.7.8.2', 1))
  t.deepEqual(ours.dials, [])
  ours.receivesHandshake(ours.accepts(PLAIN, '10.6.6.7'), portsOf('10.7.8.3', 1))
  t.deepEqual(ours.dials, [address(portsOf('10.7.8.3', 1)[0] ?? '')], 'another host asks')
})

test('scan - who names a host without end does not keep us from a plain peer there', (t) => {
  const ours = newNode()
  const dials = dialsOf(ours, portsOf(TARGET, 900))
  dials.wait(2_000)
  const plain = address(`ws://${TARGET}:4000`)
  ours.receivesHandshake(ours.accepts(PLAIN, TARGET), [plain])
  dials.take()
  t.true(dials.untilDialed(plain, 60_000) <= 500)
})

test('scan - the log names who causes it, once a minute', (t) => {
  const ours = newNode()
  const dials = dialsOf(ours, portsOf(TARGET, 900))
  ours.receivesHandshake(ours.accepts(PLAIN, '10.6.6.7'), portsOf(TARGET, 910).slice(900))
  dials.take()
  dials.wait(DIALS_LIMITED_PAUSE_MS - STEP_MS)
  t.like(dials.limited, [{ teacher: STRANGER, host: TARGET }])
  t.is(dials.limited.length, 1)
  dials.wait(2 * STEP_MS)
  t.is(dials.limited.length, 2)
})

test('scan - nodes of this machine have no such budget', (t) => {
  const dials = dialsOf(startNode(), portsOf('localhost', 2_000), '127.0.0.1')
  t.true(dials.begun.length >= 1_024)
  t.deepEqual(dials.begun.length, new Set(dials.begun.map((dial) => dial.address)).size)
})
