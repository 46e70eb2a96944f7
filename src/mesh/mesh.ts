/**
 * The mesh as one node sees it: a state machine without I/O. Facts come in with the time, orders go
 * out (inputs.ts, outputs.ts); the same facts give the same orders. Nothing here knows sockets,
 * clocks or files, and nothing that a peer sends makes it throw.
 *
 * The user stories, and where they are:
 *   - dial all known peers at the start              #dialKnownPeers
 *   - say HANDSHAKE whenever a link is established   connection-table.ts, becomeConnected
 *   - dial what a HANDSHAKE names                    message-router.ts, #dialNamedAddresses
 *   - keep `connectedAddresses`                      connection-table.ts, becomeConnected
 *   - keep `attemptingToConnectToAddress`            dial-queue.ts, track
 *   - never dial oneself, never dial twice           dial-queue.ts, gate: every dial passes it
 *
 * Also elsewhere: which of two links to one peer stays (duplicate-rule.ts), when to dial again and
 * when to forget (address-book.ts), who is alive (liveness.ts), which addresses a peer may make us
 * dial (scope.ts).
 */

import { ABNORMAL_CLOSURE, CloseCode, closeFrame } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { Address } from './address/address.ts'
import { Connector } from './dialing/connector.ts'
import { Quiescence } from './dialing/quiescence.ts'
import type { Input, LinkId } from './inputs.ts'
import { LastCloseReasons } from './last-close-reasons.ts'
import { Accept } from './links/accept.ts'
import { ConnectionTable } from './links/connection-table.ts'
import type { Link } from './links/link.ts'
import { Verification } from './links/verification.ts'
import { AntiEntropy } from './messages/anti-entropy.ts'
import { MessageRouter } from './messages/message-router.ts'
import { Survey } from './messages/survey.ts'
import type { Output } from './outputs.ts'
import { type Overview, overviewOf } from './overview.ts'
import { type Sizes, sizesOf } from './sizes.ts'
import { type Timer, Timers } from './timers.ts'
import type { Timings } from './timings.ts'
import { Turn } from './turn.ts'

/** What a mesh needs to begin. */
export interface MeshOptions {
  /** Who we are; its `address` is the text of the first of `ownAddresses`. */
  readonly identity: Identity
  /**
   * Where we can be dialed: the address that we tell, then other spellings of it that are certain
   * from the start.
   */
  readonly ownAddresses: readonly [Address, ...Address[]]
  /** The operator's addresses to start from. Our own may be among them; it is never dialed. */
  readonly knownPeers: readonly Address[]
  readonly timings: Timings
  /** What runs the node, such as `Node.js 22.23.2`: peers are told when they ask. */
  readonly runtime: string
  /** A number from 0 up to, not including, 1, drawn anew at each call. */
  readonly random: () => number
}

/** One node's view of the mesh. */
export class Mesh {
  /** The operator's addresses, without our own. */
  readonly knownPeers: readonly Address[]
  /** The addresses that we are connected to, in the order in which they joined. */
  readonly connectedAddresses: ReadonlySet<Address>
  /**
   * The addresses that we are attempting to connect to. Never holds one of `connectedAddresses`.
   */
  readonly attemptingToConnectToAddress: ReadonlySet<Address>

  readonly #identity: Identity
  readonly #connections: ConnectionTable
  readonly #connector: Connector
  readonly #accept: Accept
  readonly #router: MessageRouter
  readonly #survey: Survey
  readonly #verification: Verification
  readonly #antiEntropy: AntiEntropy
  readonly #lastCloseReasons = new LastCloseReasons()
  readonly #timers = new Timers()
  readonly #turn = new Turn()
  #running = false

  constructor(options: MeshOptions) {
    const { identity, ownAddresses, timings, random } = options
    this.#identity = identity
    this.knownPeers = options.knownPeers.filter((known) => !ownAddresses.includes(known))
    const turn = this.#turn
    const own = {
      timers: this.#timers,
      turn,
      quiescence: new Quiescence(),
      lastCloseReasons: this.#lastCloseReasons,
    }
    const shared = { ...own, timings, random }
    this.#connections = new ConnectionTable({
      ...shared,
      identity,
      ownAddress: ownAddresses[0],
      onReached: (address, link) => this.#connector.reached(address, link),
      onLost: (address, livedMs) => this.#connector.lost(address, livedMs),
      onDisproved: (address) => this.#connector.disproveAlias(address),
    })
    this.connectedAddresses = this.#connections.connectedAddresses
    this.#connector = new Connector({
      ...shared,
      ownAddresses,
      knownPeers: this.knownPeers,
      connectedAddresses: this.connectedAddresses,
    })
    const [connections, connector] = [this.#connections, this.#connector]
    this.#accept = new Accept({ identity, connections, connector, turn })
    this.#survey = new Survey({ runtime: options.runtime, connections, book: connector.book, turn })
    this.#router = new MessageRouter({ connections, connector, survey: this.#survey, turn })
    this.#verification = new Verification({
      ...shared,
      claims: connections.ownership.claims,
      connector,
    })
    this.#antiEntropy = new AntiEntropy({ ...shared, connections })
    this.attemptingToConnectToAddress = this.#connector.dialing.attemptingToConnectToAddress
  }

  /**
   * Takes a fact and gives the orders that follow from it.
   *
   * @param nowMs monotonic milliseconds; where they count from does not matter
   */
  handle(input: Input, nowMs: number): readonly Output[] {
    this.#turn.begin(nowMs)
    this.#take(input)
    if (this.#running) this.#dialNext()
    return this.#turn.end()
  }

  /**
   * When to call `handle({ kind: 'deadline' })` at the latest, or undefined when nothing is
   * awaited.
   */
  deadlineMs(): number | undefined {
    return this.#timers.nextMs()
  }

  /** All links, in the order in which they were opened. For looking, not for changing. */
  links(): Iterable<Readonly<Link>> {
    return this.#connections.links.all()
  }

  /** The link that stands for an address, the oldest of several. For looking, not for changing. */
  linkTo(address: Address): Readonly<Link> | undefined {
    return this.#connections.links.ofAddress(address)[0]
  }

  /** What is known of everybody, for people and programs that look. */
  overview(nowMs: number): Overview {
    const [identity, connections, connector] = [this.#identity, this.#connections, this.#connector]
    const [survey, lastCloseReasons] = [this.#survey, this.#lastCloseReasons]
    return overviewOf({ identity, connections, connector, survey, lastCloseReasons }, nowMs)
  }

  /** How many items each table holds, for tests and metrics. All are bounded by limits.ts. */
  sizes(): Sizes {
    const [connections, connector] = [this.#connections, this.#connector]
    return sizesOf({
      lastCloseReasons: this.#lastCloseReasons,
      connections,
      connector,
      timers: this.#timers,
    })
  }

  #take(input: Input): void {
    switch (input.kind) {
      case 'started':
        return this.#start()
      case 'stop-requested':
        return this.#stop()
      case 'dial-succeeded':
        return this.#onDialSucceeded(input.address, input.link, input.identity)
      case 'dial-failed':
        return this.#onDialFailed(input.address, input.reason, input.isOverdue)
      case 'link-accepted':
        return this.#onLinkAccepted(input.link, input.remote, input.identity)
      case 'frame-received': {
        const link = this.#connections.heard(input.link)
        return link && this.#router.hear(link, input.frame)
      }
      case 'frame-unreadable': {
        const link = this.#connections.links.get(input.link)
        return link && this.#connections.refuse(link, input.code, input.reason)
      }
      case 'ping-received':
        this.#connections.heard(input.link)
        return
      case 'pong-received':
        this.#connections.pongReceived(input.link)
        return
      case 'backlog-stuck': {
        const link = this.#connections.links.get(input.link)
        return (
          link && this.#connections.refuse(link, CloseCode.BACKLOG, 'you do not read what we send')
        )
      }
      case 'link-closed': {
        const { code, reason } = input
        const link = this.#connections.links.get(input.link)
        const by = code === ABNORMAL_CLOSURE ? 'network' : 'peer'
        return link && this.#connections.becomeDisconnected(link, { by, code, reason })
      }
      case 'survey-wanted':
        return this.#survey.ask()
      case 'deadline':
        return this.#onDeadline()
      default:
        input satisfies never
    }
  }

  // --- Start and stop ----------------------------------------------------------------------------

  #start(): void {
    this.#running = true
    this.#dialKnownPeers()
    this.#antiEntropy.schedule()
  }

  /** Story: when it starts, a node attempts to connect to all addresses in known-peers.json. */
  #dialKnownPeers(): void {
    for (const address of this.knownPeers) this.#connector.dialing.want(address)
  }

  #stop(): void {
    this.#running = false
    this.#connector.stop()
    this.#connections.closeAll(CloseCode.GOING_AWAY, 'node stops')
    this.#timers.stopAll()
  }

  // --- Links come --------------------------------------------------------------------------------

  #onDialSucceeded(dialed: Address, id: LinkId, identity: Identity | undefined): void {
    this.#connector.dialing.succeed(dialed, this.#turn.nowMs)
    if (this.#running) this.#accept.meet(dialed, id, identity)
    else this.#turnAway(id)
  }

  #onDialFailed(address: Address, reason: string, isOverdue = false): void {
    this.#connector.dialing.fail(address, isOverdue, this.#turn.nowMs)
    // The peer came to us meanwhile. A claim that nobody could look into stays a claim; its link is
    // as good as before.
    if (!this.#running || this.connectedAddresses.has(address)) return
    this.#connector.failed(address, reason)
  }

  #onLinkAccepted(id: LinkId, remote: string, identity: Identity | undefined): void {
    if (this.#running) this.#accept.receive(id, remote, identity)
    else this.#turnAway(id)
  }

  #turnAway(link: LinkId): void {
    const frame = closeFrame(CloseCode.GOING_AWAY, 'node stops')
    this.#turn.order({ kind: 'close', link, frame })
  }

  // --- Time --------------------------------------------------------------------------------------

  #onDeadline(): void {
    for (;;) {
      const timer = this.#timers.takeDue(this.#turn.nowMs)
      if (timer === undefined) return
      this.#onTimer(timer)
    }
  }

  #onTimer(timer: Timer): void {
    switch (timer.kind) {
      case 'redial':
        return this.#connector.redial(timer.subject)
      case 'anti-entropy':
        return this.#antiEntropy.perform()
      case 'tie-break':
        return this.#connector.goOn()
      case 'verify':
        return this.#verification.look()
      case 'duplicate':
        return this.#connections.duplicates.probeTimedOut(timer.subject)
      case 'handshake':
        return this.#connections.handshakeTimedOut(timer.subject)
      case 'liveness':
        return this.#connections.liveness.look()
      default:
        timer satisfies never
    }
  }

  /**
   * What is to be verified goes first: whoever names addresses without end must not keep impostors
   * in their place.
   */
  #dialNext(): void {
    this.#verification.dialDue()
    this.#connector.dialWanted()
  }
}
