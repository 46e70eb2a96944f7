/** The whole core under facts in any order: nothing throws, and what must hold always holds after every one. */

import test from 'ava'
import fc from 'fast-check'
import type { Address } from '../../src/mesh/address.ts'
import {
  ACCEPTED_LINKS_MAX,
  ALIASES_MAX,
  BOOK_ADDRESSES_MAX,
  DIALS_MAX,
  LINKS_PER_PEER_MAX,
} from '../../src/mesh/limits.ts'
import { admitsAddress } from '../../src/mesh/scope.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import type { MeshId } from '../../src/wire/headers.ts'
import {
  address,
  at,
  identityAt,
  meshId,
  PLAIN,
  startNode,
  type TestNode,
} from '../helpers/core.ts'
import { holds } from '../helpers/property.ts'

const OWN = at(4001)
const KNOWN = [at(4002), address('ws://127.0.0.1:4003'), address('ws://192.168.0.1')]

// --- Facts --------------------------------------------------------------------------------------------------------

const identity = fc.constantFrom(
  PLAIN,
  identityAt(4000),
  identityAt(4001),
  identityAt(4002),
  identityAt(4003),
  identityAt(4004),
  identityAt(4002, { id: meshId(4003) }),
  identityAt(4003, { id: meshId(9_999) }),
  identityAt(4001, { id: meshId(9_999) }),
  identityAt(4004, { id: meshId(4000) }),
  identityAt(4005, { mesh: 'other' }),
  identityAt(4006, { address: 'rubbish' }),
  identityAt(4007, { address: 'ws://169.254.169.254' }),
)

const addressText = fc.oneof(
  fc.integer({ min: 4000, max: 4010 }).map((port) => at(port) as string),
  fc.constantFrom('ws://127.0.0.1:4002', 'ws://LOCALHOST:4001/', 'ws://[::1]:4004', 'rubbish'),
  fc.constantFrom('ws://169.254.169.254', 'ws://10.0.0.1', 'ws://example.com', '', '\ud800'),
)

const text = fc.oneof(
  { weight: 5, arbitrary: fc.array(addressText).map(handshake) },
  { weight: 1, arbitrary: fc.anything().map((data) => handshake(data)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)

function handshake(data: unknown): string {
  return JSON.stringify({ type: 'HANDSHAKE', data }, (_, value) => {
    return typeof value === 'bigint' ? String(value) : value
  })
}

/** Links and dials are picked by number from those that exist; a number that names none picks a link that never was. */
const pick = fc.nat(20)

const fact = fc.oneof(
  fc.record({ kind: fc.constant('accept' as const), identity }),
  fc.record({ kind: fc.constant('reach' as const), pick, identity }),
  fc.record({ kind: fc.constant('fail' as const), pick }),
  fc.record({ kind: fc.constant('hear' as const), pick, text }),
  fc.record({ kind: fc.constant('binary' as const), pick }),
  fc.record({ kind: fc.constant('life' as const), pick }),
  fc.record({ kind: fc.constant('unreadable' as const), pick }),
  fc.record({ kind: fc.constant('stuck' as const), pick }),
  fc.record({ kind: fc.constant('lose' as const), pick, code: fc.nat(5_000) }),
  fc.record({
    kind: fc.constant('wait' as const),
    ms: fc.oneof(fc.nat(3_000), fc.nat(100_000)),
    peersAnswer: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('deadline' as const) }),
)

type Fact = typeof fact extends fc.Arbitrary<infer Value> ? Value : never

/** As many facts as there may be, more often than a few: most faults need a history. */
function facts(maxLength: number): fc.Arbitrary<readonly Fact[]> {
  return fc.array(fact, { maxLength, size: 'max' })
}

// --- The world ----------------------------------------------------------------------------------------------------

/** A node, and what the shell would know: which dials are under way and which links were closed. */
class World {
  readonly node: TestNode
  /** All addresses that were dialed, and those that turned out to be ours. */
  readonly dialed = new Set<Address>()
  readonly ourselves = new Set<Address>()
  readonly #underWay = new Set<Address>()
  readonly #closed = new Set<number>()

  constructor(random: () => number) {
    this.node = startNode({ knownPeers: KNOWN, random })
    this.#check()
  }

  get underWay(): number {
    return this.#underWay.size
  }

  tell(told: Fact): void {
    if (this.#happens(told)) this.#check()
  }

  /** False for a fact that cannot be: the end of a dial when none is under way. */
  #happens(told: Fact): boolean {
    const { node } = this
    switch (told.kind) {
      case 'accept':
        node.accepts(told.identity)
        return true
      case 'reach': {
        const dialed = this.#endDial(told.pick)
        if (dialed !== undefined) node.reaches(dialed, told.identity)
        return dialed !== undefined
      }
      case 'fail': {
        const dialed = this.#endDial(told.pick)
        if (dialed !== undefined) node.failsToReach(dialed)
        return dialed !== undefined
      }
      case 'hear':
        node.hears(this.#link(told.pick), told.text)
        return true
      case 'binary': {
        const frame = { kind: 'binary', bytes: 1 } as const
        node.tell({ kind: 'frame-received', link: this.#link(told.pick), frame })
        return true
      }
      case 'life':
        node.seesLife(this.#link(told.pick))
        return true
      case 'unreadable': {
        const link = this.#link(told.pick)
        node.tell({ kind: 'frame-unreadable', link, code: CloseCode.TOO_BIG, reason: '' })
        return true
      }
      case 'stuck':
        node.tell({ kind: 'backlog-stuck', link: this.#link(told.pick) })
        return true
      case 'lose':
        node.loses(this.#link(told.pick), told.code)
        return true
      case 'wait':
        node.waits(told.ms, { peersAnswer: told.peersAnswer })
        return true
      case 'deadline':
        node.tell({ kind: 'deadline' })
        return true
      default:
        return told satisfies never
    }
  }

  #endDial(picked: number): Address | undefined {
    const dialed = [...this.#underWay][picked % Math.max(1, this.#underWay.size)]
    if (dialed !== undefined) this.#underWay.delete(dialed)
    return dialed
  }

  #link(picked: number): number {
    return this.node.linkIds[picked] ?? 100_000 + picked
  }

  #check(): void {
    this.#checkOrders()
    this.#checkLists()
    this.#checkSizes()
  }

  #checkOrders(): void {
    for (const found of this.node.eventsOf('self-found')) this.ourselves.add(found.address)
    for (const order of this.node.orders) {
      if (order.kind === 'report') continue
      if (order.kind === 'dial') {
        expect(order.address !== OWN, 'never dials itself')
        expect(!this.#underWay.has(order.address), `${order.address} is dialed twice`)
        expect(admitsAddress(order.policy, order.address), `${order.address} is refused by policy`)
        expect(order.policy !== 'operator' || KNOWN.includes(order.address), 'not the operator')
        this.#underWay.add(order.address)
        this.dialed.add(order.address)
        continue
      }
      expect(!this.#closed.has(order.link), `${order.kind} on a closed link`)
      if (order.kind === 'close') this.#closed.add(order.link)
    }
  }

  #checkLists(): void {
    const { connected, attempting, mesh } = this.node
    const standing = new Set([...mesh.links()].map((link) => link.address))
    standing.delete(undefined)
    expect(sameSet(new Set(connected), standing), 'lists exactly those to whom a link stands')
    for (const one of attempting) {
      expect(!mesh.connectedAddresses.has(one), `${one} is in two lists`)
      expect(this.#underWay.has(one), `${one} is attempted but not being dialed`)
    }
    for (const one of this.#underWay) {
      expect(
        mesh.connectedAddresses.has(one) || mesh.attemptingToConnectToAddress.has(one),
        `${one} is being dialed but in no list`,
      )
    }
    expect(!connected.includes(OWN) && !attempting.includes(OWN), 'lists itself')
    for (const link of this.node.linkIds) expect(!this.#closed.has(link), 'keeps a closed link')
  }

  #checkSizes(): void {
    const sizes = this.node.mesh.sizes()
    expect(sizes.aliases <= ALIASES_MAX, 'aliases')
    expect(sizes.book <= BOOK_ADDRESSES_MAX, 'book')
    expect(sizes.claims <= sizes.links, 'claims')
    expect(sizes.dials <= DIALS_MAX, 'dials')
    expect(sizes.dials === this.#underWay.size, 'dials under way')
    expect(sizes.links <= ACCEPTED_LINKS_MAX + BOOK_ADDRESSES_MAX, 'links')
    const perPeer = new Map<MeshId, number>()
    for (const { identity, origin } of this.node.mesh.links()) {
      if (identity === undefined || origin.kind === 'dialed') continue
      const count = (perPeer.get(identity.id) ?? 0) + 1
      perPeer.set(identity.id, count)
      expect(count <= LINKS_PER_PEER_MAX, 'links of a peer')
    }
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function sameSet(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}

// --- Properties ---------------------------------------------------------------------------------------------------

const random = fc.double({ min: 0, max: 0.999, noNaN: true })

test('any input - what must hold always holds, whatever happens', (t) => {
  holds(
    t,
    500,
    fc.property(facts(100), random, (told, draw) => {
      const world = new World(() => draw)
      for (const one of told) world.tell(one)
      const { node } = world
      node.tell({ kind: 'stop-requested' })
      expect(node.linkIds.length === 0, 'links after the stop')
      expect(node.connected.length === 0, 'connected after the stop')
      expect(node.mesh.deadlineMs() === undefined, 'waits after the stop')
    }),
  )
})

test('any input - whatever happened, every known peer that is lost is dialed again', (t) => {
  holds(
    t,
    50,
    fc.property(facts(60), (told) => {
      const world = new World(() => 0.5)
      for (const one of told) world.tell(one)
      while (world.node.linkIds.length > 0) world.tell({ kind: 'lose', pick: 0, code: 1006 })
      world.dialed.clear()
      for (let seconds = 0; seconds < 300; seconds += 1) {
        world.tell({ kind: 'wait', ms: 1_000, peersAnswer: true })
        while (world.underWay > 0) world.tell({ kind: 'fail', pick: 0 })
      }
      for (const known of KNOWN) {
        expect(world.dialed.has(known) || world.ourselves.has(known), `${known} is not dialed`)
      }
    }),
  )
})
