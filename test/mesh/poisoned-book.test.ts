/** Peers that name addresses without end: what they delay, and what they make us dial. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { hostOf } from '../../src/mesh/address/address.ts'
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
  readonly #node: TestNode
  readonly #answer: (address: Address) => Answer
  #open: { readonly address: Address; readonly endMs: number }[] = []

  constructor(dialing: TestNode, answer: (address: Address) => Answer) {
    this.#node = dialing
    this.#answer = answer
  }

  /** Takes the dials of the last input. Call it after each. */
  take(): void {
    for (let dials = this.#node.dials; dials.length > 0; dials = this.#node.dials) {
      const { nowMs } = this.#node
      for (const dialed of dials) {
        this.begun.push({ address: dialed, atMs: nowMs })
        const takesMs = this.#answer(dialed) === 'silent' ? DIAL_TIMEOUT_MS : 0
        this.#open.push({ address: dialed, endMs: nowMs + takesMs })
      }
      if (!this.#endDue()) return
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

  /** Lets time pass until the address is dialed. Returns how long that took, in ms. */
  untilDialed(wanted: Address, mostMs: number): number {
    const sinceMs = this.#node.nowMs
    const count = this.begun.length
    const isDialed = (): boolean => this.begun.slice(count).some((dial) => dial.address === wanted)
    while (!isDialed() && this.#node.nowMs < sinceMs + mostMs) this.wait(STEP_MS)
    return this.#node.nowMs - sinceMs
  }

  wait(ms: number): void {
    const untilMs = this.#node.nowMs + ms
    while (this.#node.nowMs < untilMs) {
      this.#node.waits(STEP_MS)
      this.take()
      while (this.#endDue()) this.take()
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
  t.log(`${dials.countOf(TARGET)} dials in 60 s, ${dials.countOf(TARGET, 50_000)} in the last 10 s`)
  t.true(dials.countOf(TARGET, 50_000) <= 10 * 8 + 1)
})
