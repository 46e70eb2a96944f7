/**
 * The mesh as one node sees it: a state machine without I/O. Inputs come in with the time, outputs
 * go out; the same inputs give the same outputs, and nothing that a peer sends makes it throw.
 *
 * The user stories, and where they are:
 *   - dial all known peers at the start              dialing/connector.ts, start
 *   - send HANDSHAKE when a link is established      links/connection-table.ts, connect
 *   - dial the addresses of a HANDSHAKE              messages/incoming-handshake.ts
 *   - keep `connectedAddresses`                      links/connection-table.ts
 *   - keep `attemptingToConnectToAddress`            dialing/dial-gate.ts
 *   - never dial oneself, never dial twice           dialing/dial-gate.ts, verdict
 */

import { ABNORMAL_CLOSURE, CloseCode, closeFrame } from '../wire/close-codes.ts'
import type { NodeData } from '../wire/node-data.ts'
import type { Address } from './address/address.ts'
import { CoreContext } from './context.ts'
import { Counters } from './counters.ts'
import type { DialFailed, DialFailure, DialSucceeded, Input, LinkId } from './inputs.ts'
import { BOOK_ADDRESSES_MAX } from './limits.ts'
import type { ConnectionFact } from './links/connection-table.ts'
import { type Link, roundTripEnded } from './links/link.ts'
import { teacherOf } from './links/teacher.ts'
import type { Completeness } from './membership.ts'
import type { Output } from './outputs.ts'
import { type Overview, overviewOf } from './overview.ts'
import { assemble, type MeshOptions, type Parts } from './parts.ts'
import type { Timer } from './timers.ts'

/** One node's view of the mesh. */
export class Mesh {
  /** The operator's addresses, without our own. */
  readonly knownPeers: ReadonlySet<Address>
  /** The addresses that we are connected to, in the order in which they joined. */
  readonly connectedAddresses: ReadonlySet<Address>
  /** Addresses that we are attempting to connect to; none of `connectedAddresses`. */
  readonly attemptingToConnectToAddress: ReadonlySet<Address>

  readonly #context: CoreContext
  readonly #counters = new Counters()
  readonly #ownAddresses: readonly Address[]
  readonly #ownAddress: Address
  readonly #checksOwnAddress: boolean
  readonly #parts: Parts
  #running = false

  constructor(options: MeshOptions) {
    this.#ownAddresses = options.ownAddresses
    this.#ownAddress = options.ownAddresses[0]
    this.#checksOwnAddress = options.checksOwnAddress === true
    this.#context = new CoreContext(options.timings, options.random)
    this.#parts = assemble(this.#context, this.#counters, options)
    const { book, connectedAddresses, gate } = this.#parts
    this.knownPeers = book.knownPeers
    this.connectedAddresses = connectedAddresses
    this.attemptingToConnectToAddress = gate.attemptingToConnectToAddress
  }

  /**
   * Takes an input and returns the outputs that follow from it.
   *
   * @param nowMs monotonic milliseconds from any origin
   */
  handle(input: Input, nowMs: number): readonly Output[] {
    this.#context.begin(nowMs)
    this.#counters.onInput(input, nowMs - (this.deadlineMs() ?? nowMs))
    this.#take(input)
    this.#dispatch()
    if (this.#running) this.#dial()
    const outputs = this.#context.end()
    for (const output of outputs) this.#counters.onOutput(output)
    return outputs
  }

  /** When to call `handle({ kind: 'deadline' })` at the latest, or undefined for never. */
  deadlineMs(): number | undefined {
    const { timers } = this.#context
    return timers.nextMs()
  }

  /** All links, in the order in which they were opened. */
  links(): Iterable<Readonly<Link>> {
    const { links } = this.#parts
    return links.all()
  }

  /** The link that is bound to an address, the oldest of several. */
  linkTo(address: Address): Readonly<Link> | undefined {
    const { links } = this.#parts
    return links.ofAddress(address)[0]
  }

  /** The address that a link is bound to. */
  addressOn(id: LinkId): Address | undefined {
    const { links } = this.#parts
    return links.get(id)?.address
  }

  /** All addresses by which a peer is remembered, its own first; none for one that is not. */
  spellingsOf(address: Address): readonly Address[] {
    const { book } = this.#parts
    return book.spellingsOf(address)
  }

  /** What this node tells of itself. */
  get data(): NodeData {
    const { data } = this.#parts
    return data.own
  }

  /** What the node at a connected address tells of itself. */
  dataOf(address: Address): NodeData {
    const { data } = this.#parts
    return data.of(address)
  }

  /** A snapshot of all that is known of other nodes. */
  overview(nowMs: number): Overview {
    return overviewOf(this.#parts, nowMs)
  }

  /** Whether all nodes of the mesh are connected, as far as this one can tell. */
  completeness(nowMs: number): Completeness {
    const { membership } = this.#parts
    return membership.completeness(nowMs)
  }

  /** What was counted since the start. */
  counters(): Counters {
    return this.#counters
  }

  /** How many items each table holds. All are bounded by limits.ts. */
  sizes() {
    const { book, claims, gate, lastCloseReasons, links, queue, tieBreak } = this.#parts
    const { timers } = this.#context
    return {
      aliases: book.aliasCount,
      awaitedDials: tieBreak.awaiting,
      book: book.size,
      claims: claims.size,
      dials: gate.openDials,
      forgotten: book.forgottenCount,
      lastCloseReasons: lastCloseReasons.size,
      links: links.size,
      timers: timers.size,
      queuedDials: queue.waiting,
    }
  }

  // --- Inputs ------------------------------------------------------------------------------------

  #take(input: Input): void {
    const { accept, connections, data, links, liveness } = this.#parts
    const { own, queue, router, sources, survey } = this.#parts
    switch (input.kind) {
      case 'started':
        return this.#start()
      case 'stop-requested':
        return this.#stop()
      case 'dial-succeeded':
        if (input.address === this.#ownAddress) return own.dialed(input.link, input.identity)
        queue.succeeded(input.address, this.#context.nowMs - (input.waitedMs ?? 0))
        if (!this.#running) return this.#closeBecauseStopping(input.link)
        return this.#onDialSucceeded(input)
      case 'dial-failed':
        return this.#onDialFailed(input)
      case 'link-accepted':
        if (!this.#running) return this.#closeBecauseStopping(input.link)
        return accept.accepted(input)
      case 'frame-received': {
        const link = this.#received(input.link)
        return link && router.onFrame(link, input.frame)
      }
      case 'frame-unreadable': {
        const link = links.get(input.link)
        return link && connections.close(link, input.code, input.reason)
      }
      case 'ping-received':
        this.#received(input.link)
        return
      case 'pong-received':
        return this.#onPong(input.link)
      case 'link-alive': {
        const link = links.get(input.link)
        return link && liveness.received(link)
      }
      case 'backlog-stuck': {
        const link = links.get(input.link)
        return link && connections.close(link, CloseCode.BACKLOG, 'peer does not read')
      }
      case 'link-closed': {
        const { code, reason } = input
        const link = links.get(input.link)
        const by = code === ABNORMAL_CLOSURE ? 'network' : 'peer'
        return link && connections.disconnected(link, { by, code, reason })
      }
      case 'add-requested':
        return this.#addKnownPeer(input.address)
      case 'forget-requested':
        return this.#forget(input.address)
      case 'data-changed':
        return data.set(input.text)
      case 'source-answered':
        return sources.answered(input.source, input.addresses)
      case 'source-removed':
        return sources.removed(input.source)
      case 'survey-requested':
        return survey.ask()
      case 'deadline':
        return this.#onDeadline()
      default:
        input satisfies never
    }
  }

  #start(): void {
    const { antiEntropy, connector, own } = this.#parts
    this.#running = true
    if (this.#checksOwnAddress) own.check()
    connector.start()
    antiEntropy.schedule()
  }

  #stop(): void {
    const { connections, connector } = this.#parts
    const { timers } = this.#context
    this.#running = false
    connector.stop()
    connections.closeAll(CloseCode.GOING_AWAY, 'node stops')
    timers.stopAll()
  }

  #addKnownPeer(address: Address): void {
    const { connector, membership } = this.#parts
    const isFull = this.knownPeers.size >= BOOK_ADDRESSES_MAX
    if (isFull || this.knownPeers.has(address) || this.#ownAddresses.includes(address)) return
    connector.add(address)
    membership.added()
    this.#context.report({ kind: 'known-peer-added', address })
  }

  #forget(address: Address): void {
    const { connector, membership, own } = this.#parts
    const [target] = this.spellingsOf(address)
    if (target === undefined || this.connectedAddresses.has(target)) return
    for (const spelling of connector.forget(target)) {
      own.peerGone(spelling)
      membership.removed(spelling)
      this.#context.report({ kind: 'peer-forgotten', address: spelling })
    }
  }

  #closeBecauseStopping(link: LinkId): void {
    const frame = closeFrame(CloseCode.GOING_AWAY, 'node stops')
    this.#context.order({ kind: 'close', link, frame })
  }

  #onDialSucceeded(input: DialSucceeded): void {
    const refusal = this.#parts.accept.dialed(input)
    if (refusal !== undefined) this.#dialEndedWithoutLink(input.address, refusal)
  }

  #onDialFailed({ address, failure, reason, waitedMs = 0 }: DialFailed): void {
    const { connections, own, queue } = this.#parts
    if (address === this.#ownAddress) return own.dialFailed(failure, reason)
    queue.failed(address, failure === 'no-answer', this.#context.nowMs - waitedMs)
    own.peerGone(address)
    connections.doubted(address)
    this.#dialEndedWithoutLink(address, reason, failure)
  }

  /** Nobody answered on an address, or a node with which there can be no link. */
  #dialEndedWithoutLink(address: Address, reason: string, failure?: DialFailure): void {
    const { connector, duplicates, ownership } = this.#parts
    if (ownership.dialFailed(address)) duplicates.settle(address)
    // The peer dialed us meanwhile, or the dial was to verify a claim, which stays a claim.
    if (!this.#running || this.connectedAddresses.has(address)) return
    connector.failed(address, reason, failure)
  }

  /** Anything was received on a link. Returns it, or undefined for one that is gone. */
  #received(id: LinkId): Link | undefined {
    const { duplicates, links, liveness } = this.#parts
    const link = links.get(id)
    if (link === undefined) return undefined
    liveness.received(link)
    duplicates.received(link)
    this.#dispatch()
    return link
  }

  #onPong(id: LinkId): void {
    const link = this.#received(id)
    const roundTripMs = link && roundTripEnded(link, this.#context.nowMs)
    if (roundTripMs !== undefined) this.#counters.roundTrip(roundTripMs)
  }

  // --- Facts of the connection table -------------------------------------------------------------

  /** Each fact may lead to more; every one of those removes a link, so this comes to an end. */
  #dispatch(): void {
    const { connections } = this.#parts
    for (let facts = connections.takeFacts(); facts.length > 0; facts = connections.takeFacts()) {
      for (const fact of facts) this.#onFact(fact)
    }
  }

  #onFact(fact: ConnectionFact): void {
    const { connector, data, duplicates, links, liveness, membership, own, ownership } = this.#parts
    switch (fact.kind) {
      case 'admitted':
        return liveness.admitted(fact.link)
      case 'reached':
        this.#openMessages(fact.link)
        data.opened(fact.link, fact.address)
        connector.reached(fact.address, fact.link, teacherOf(fact.link))
        membership.reached(fact.address, fact.link)
        ownership.connected(fact.link, fact.address)
        own.linked(links.ofAddress(fact.address))
        return duplicates.connected(fact.link)
      case 'greeted':
        ownership.greeted(fact.link)
        own.accepted(fact.link)
        return duplicates.greeted(fact.link)
      case 'ended':
        own.refused(fact.link, fact.address, fact.ending)
        ownership.ended(fact.link, fact.address, fact.ending)
        data.ended(fact.address)
        return duplicates.ended(fact.link, fact.ending)
      case 'lost':
        membership.lost(fact.address, fact.link, fact.ending)
        return connector.lost(fact.address, fact.livedMs, fact.ending)
      default:
        fact satisfies never
    }
  }

  #openMessages({ id: link, identity, trusted, verified }: Link): void {
    if (identity?.messages !== true) return
    const requests = identity.requests && { requests: true as const }
    const fact = {
      kind: 'link-ready',
      link,
      peer: identity.id,
      trusted,
      verified,
      ...requests,
    } as const
    this.#context.order({ kind: 'messages', fact })
  }

  // --- Time --------------------------------------------------------------------------------------

  #onDeadline(): void {
    const { nowMs, timers } = this.#context
    for (let due = timers.takeDue(nowMs); due !== undefined; due = timers.takeDue(nowMs)) {
      this.#onTimer(due)
      this.#dispatch()
    }
  }

  #onTimer(timer: Timer): void {
    const { antiEntropy, claims, connections, connector } = this.#parts
    const { data, duplicates, liveness, own, verification } = this.#parts
    switch (timer.kind) {
      case 'redial':
        return connector.redial(timer.subject)
      case 'anti-entropy':
        return antiEntropy.run()
      case 'tie-break':
        return connector.dialAwaited()
      case 'own-address':
        return own.check()
      case 'dial-budget':
        // The queue is dialed after each input.
        return
      case 'contest':
        return claims.contestPauseEnded(timer.subject)
      case 'own-data':
        return data.send()
      case 'peer-data':
        return data.waited(timer.subject)
      case 'verify':
        return verification.check()
      case 'duplicate':
        return duplicates.probeTimedOut(timer.subject)
      case 'handshake':
        return connections.handshakeTimedOut(timer.subject)
      case 'liveness':
        return liveness.check()
      default:
        timer satisfies never
    }
  }

  /** Verification first: a peer that names addresses without end must not protect impostors. */
  #dial(): void {
    const { connector, verification } = this.#parts
    verification.dialDue()
    connector.dialQueued()
  }
}
