/** One core under any facts, with invariants that are checked after each of them. */

import type { Address } from '../../src/mesh/address/address.ts'
import { admitsAddress } from '../../src/mesh/address/scope.ts'
import type { LinkId } from '../../src/mesh/inputs.ts'
import {
  ACCEPTED_LINKS_MAX,
  ALIASES_MAX,
  BOOK_ADDRESSES_MAX,
  DIALS_MAX,
  LINKS_PER_PEER_MAX,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { type Fact, KNOWN_PEERS } from './arbitraries.ts'
import { at, startNode, type TestNode } from './core.ts'

/**
 * A node on port 4001, with the state of its shell: which dials are under way and which links are
 * gone.
 */
export class World {
  readonly node: TestNode
  /** All addresses that were dialed. */
  readonly dialed = new Set<Address>()
  readonly #own: Address
  readonly #underWay = new Set<Address>()
  /** Links that were passed to the core, and that its orders may name. */
  readonly #open = new Set<LinkId>()
  #isStopped = false

  /** @param own where the node can be dialed, which decides what it may dial */
  constructor(random: () => number, own = at(4001)) {
    this.#own = own
    this.node = startNode({ ownAddresses: [own], knownPeers: KNOWN_PEERS, random })
    this.#check()
  }

  get underWay(): number {
    return this.#underWay.size
  }

  apply(fact: Fact): void {
    if (this.#input(fact)) this.#check()
  }

  /** Stops the node. Facts after that are too late. */
  stop(): void {
    this.node.handle({ kind: 'stop-requested' })
    this.#isStopped = true
    this.#check()
  }

  /**
   * False when the core got no input: time has just passed, or a dial is to end when none is under
   * way.
   */
  #input(fact: Fact): boolean {
    const { node } = this
    switch (fact.kind) {
      case 'accept':
        this.#open.add(node.accepts(fact.identity))
        return true
      case 'reach': {
        const dialed = this.#endDial(fact.pick)
        if (dialed === undefined) return false
        this.#open.add(node.reaches(dialed, fact.identity))
        return true
      }
      case 'fail': {
        const dialed = this.#endDial(fact.pick)
        if (dialed !== undefined) node.failsToReach(dialed)
        return dialed !== undefined
      }
      case 'receive':
        node.receives(this.#link(fact.pick), fact.text)
        return true
      case 'binary': {
        const frame = { kind: 'binary', bytes: 1 } as const
        node.handle({ kind: 'frame-received', link: this.#link(fact.pick), frame, bytes: 1 })
        return true
      }
      case 'pong':
        node.receivesPong(this.#link(fact.pick))
        return true
      case 'survey':
        node.isSurveyed()
        this.#checkOverview()
        return true
      case 'unreadable': {
        const link = this.#link(fact.pick)
        node.handle({ kind: 'frame-unreadable', link, code: CloseCode.TOO_BIG, reason: '' })
        return true
      }
      case 'stuck':
        node.handle({ kind: 'backlog-stuck', link: this.#link(fact.pick) })
        return true
      case 'lose':
        this.#lose(this.#link(fact.pick), fact.code)
        return true
      case 'wait':
        node.waits(fact.ms, { peersAnswer: fact.peersAnswer })
        return true
      case 'freeze':
        node.nowMs += fact.ms
        return false
      case 'deadline':
        node.handle({ kind: 'deadline' })
        return true
      default:
        return fact satisfies never
    }
  }

  #endDial(picked: number): Address | undefined {
    const dialed = [...this.#underWay][picked % Math.max(1, this.#underWay.size)]
    if (dialed !== undefined) this.#underWay.delete(dialed)
    return dialed
  }

  #link(picked: number): LinkId {
    return this.node.linkIds[picked] ?? 100_000 + picked
  }

  #lose(link: LinkId, code: number): void {
    this.#open.delete(link)
    this.node.loses(link, code)
  }

  #check(): void {
    this.#checkOrders()
    this.#checkLists()
    this.#checkSizes()
  }

  /** Each node once, under one address, in agreement with the lists. */
  #checkOverview(): void {
    const { mesh, nowMs } = this.node
    const { nodes } = mesh.overview(nowMs)
    const addresses = new Set(nodes.map(({ address }) => address))
    expect(addresses.size === nodes.length, 'an address is twice in the overview')
    expect(!addresses.has(at(this.node.port)), 'ourselves among the others')
    const connected = nodes.filter(({ state }) => state.kind === 'connected')
    expect(
      sameSet(new Set(connected.map(({ address }) => address)), mesh.connectedAddresses),
      'the connected of the overview are not the connected',
    )
    for (const { state } of nodes) {
      const report = state.kind === 'connected' ? state.link.report?.connected : undefined
      const all: ReadonlySet<string> = new Set([...addresses, at(this.node.port)])
      expect(
        report?.every((address) => all.has(address)) !== false,
        'a survey answer shows an address outside the overview',
      )
    }
  }

  #checkOrders(): void {
    for (const order of this.node.orders) {
      if (order.kind === 'report') continue
      if (order.kind === 'dial') {
        expect(!this.#isStopped, 'dials after the stop')
        expect(order.address !== this.#own, 'dials itself')
        expect(!this.#underWay.has(order.address), `${order.address} is dialed twice`)
        expect(admitsAddress(order.policy, order.address), `${order.address} is refused by policy`)
        expect(order.policy !== 'operator' || isKnown(order.address), 'not the operator')
        this.#underWay.add(order.address)
        this.dialed.add(order.address)
        continue
      }
      if (order.kind === 'messages') continue
      expect(this.#open.has(order.link), `${order.kind} on a link that is gone`)
      if (order.kind === 'close') this.#open.delete(order.link)
    }
  }

  #checkLists(): void {
    const { connected, attempting, mesh } = this.node
    const bound = new Set([...mesh.links()].map((link) => link.address))
    bound.delete(undefined)
    expect(
      sameSet(new Set(connected), bound),
      'lists exactly the addresses that links are bound to',
    )
    for (const one of attempting) {
      expect(!mesh.connectedAddresses.has(one), `${one} is in two lists`)
      expect(this.#underWay.has(one), `${one} is attempted but not being dialed`)
    }
    for (const one of this.#isStopped ? [] : this.#underWay) {
      expect(
        mesh.connectedAddresses.has(one) || mesh.attemptingToConnectToAddress.has(one),
        `${one} is being dialed but in no list`,
      )
    }
    const own = this.#own
    expect(!connected.includes(own) && !attempting.includes(own), 'lists itself')
    expect(sameSet(new Set(this.node.linkIds), this.#open), 'has exactly the links that are open')
    if (!this.#isStopped) return
    expect(this.node.linkIds.length === 0, 'links after the stop')
    expect(mesh.deadlineMs() === undefined, 'waits after the stop')
  }

  #checkSizes(): void {
    const sizes = this.node.mesh.sizes()
    expect(sizes.aliases <= ALIASES_MAX, 'aliases')
    expect(sizes.book <= BOOK_ADDRESSES_MAX, 'book')
    expect(sizes.claims <= sizes.links, 'claims')
    expect(sizes.dials <= DIALS_MAX, 'dials')
    expect(sizes.dials === this.#underWay.size, 'dials under way')
    expect(sizes.links <= ACCEPTED_LINKS_MAX + BOOK_ADDRESSES_MAX, 'links')
    const perPeer = new Map<string, number>()
    for (const { identity, origin } of this.node.mesh.links()) {
      if (identity === undefined || origin.kind === 'dialed') continue
      const peer = `${identity.id} ${identity.address}`
      const count = (perPeer.get(peer) ?? 0) + 1
      perPeer.set(peer, count)
      expect(count <= LINKS_PER_PEER_MAX, 'links of a peer')
    }
  }
}

/** @throws with this text when it does not hold */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

function isKnown(dialed: Address): boolean {
  return KNOWN_PEERS.some((known) => known === dialed)
}

function sameSet(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}
