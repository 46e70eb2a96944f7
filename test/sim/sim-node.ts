/**
 * One of our nodes: the real core, with a model of its driver (io/driver.ts) around it. The
 * invariants of the core are checked here at every step.
 */

import { type Address, loopbackSpellings } from '../../src/mesh/address/address.ts'
import type { DialFailure, Input } from '../../src/mesh/inputs.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import type { Timings } from '../../src/mesh/timings.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION } from '../../src/wire/headers.ts'
import { cut, describeInput, describeOutput } from './describe.ts'
import type { DialEnd } from './dial.ts'
import { DialWatch } from './dial-watch.ts'
import { checkSizes } from './invariants.ts'
import { gapObjection } from './messages/gap-objection.ts'
import { MessageNode } from './messages/message-node.ts'
import type { Socket } from './network.ts'
import type { Place } from './place.ts'
import { Process } from './process.ts'
import type { Random } from './random.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** The first characters of a HANDSHAKE of our nodes. */
const HANDSHAKE_START = '{"type":"HANDSHAKE"'

/** As io/dial.ts names them. */
const FAILURES: Readonly<Record<DialEnd, DialFailure>> = {
  'connection refused': 'refused',
  'connection reset': 'reset',
  'no answer': 'no-answer',
  'timed out': 'timed-out',
}

/** What a node is started with. */
export interface SimNodeOptions {
  readonly place: Place
  readonly world: World
  readonly knownPeers: readonly Address[]
  readonly timings: Timings
  readonly random: Random
}

/** A node. */
export class SimNode extends Process {
  /** No two processes of a run have the same. */
  readonly number: number
  readonly identity: Identity
  readonly mesh: Mesh
  /** Undefined in runs without messages, and for a node of the version before. */
  readonly messages: MessageNode | undefined
  readonly #world: World
  readonly #links = new Map<number, Socket>()
  readonly #watch: DialWatch
  #lastLink = 0
  #changes = 0
  #armedForMs: number | undefined
  #missedDeadline = false

  constructor({ place, world, knownPeers, timings, random }: SimNodeOptions) {
    super(place, world.network)
    this.#world = world
    this.number = world.nextNumber()
    const { messages } = world
    const settings = messages?.settingsOf(place.index)
    this.identity = {
      version: PROTOCOL_VERSION,
      mesh: 'default',
      id: random.hex(32) as MeshId,
      address: place.address,
      code: '',
      messages: messages === undefined || settings !== undefined,
    }
    const port = Number(new URL(place.address).port)
    const own = [place.address, ...loopbackSpellings(port)] as const
    const mine = { identity: this.identity, ownAddresses: own, knownPeers, timings }
    this.mesh = new Mesh({ ...mine, runtime: this.name, random: () => random.unit() })
    this.messages =
      messages &&
      settings &&
      new MessageNode({
        process: this,
        feed: this.identity.id,
        settings,
        random: random.fork(),
        ledger: messages.ledger,
        peerOf: (link) => this.#links.get(link)?.peer.process,
        sockets: {
          send: (link, text, onTaken, onRead) => {
            const socket = this.#links.get(link)
            world.trace.note(world.time.nowMs, this.name, () => `   sends #${link} ${cut(text)}`)
            const packet = { kind: 'text', text, onTaken, onRead } as const
            if (socket !== undefined) this.network.send(socket, packet)
          },
          unsentBytes: (link) => {
            const socket = this.#links.get(link)
            return socket === undefined
              ? Number.POSITIVE_INFINITY
              : this.network.unsentBytes(socket)
          },
        },
        objection: (feed, first, last) => gapObjection(this, world, { feed, first, last }),
      })
    if (this.messages !== undefined) messages?.nodes.set(this, this.messages)
    this.#watch = new DialWatch({
      name: this.name,
      mesh: this.mesh,
      own,
      knownPeers,
      forbidden: world.forbidden,
      redialMinMs: timings.redialMinMs,
      dialTimeoutMs: timings.dialTimeoutMs,
      isHonest: (address) => {
        const there = world.network.resolve(address)
        return typeof there !== 'string' && there.listener instanceof SimNode
      },
    })
  }

  start(): void {
    this.#input({ kind: 'started' })
  }

  /** The operator adds a known peer. */
  addPeer(address: Address): void {
    this.receive(() => this.#input({ kind: 'add-requested', address }))
  }

  /** The operator has a peer forgotten, which has no effect while it is connected. */
  forget(address: Address): void {
    this.receive(() => {
      this.#input({ kind: 'forget-requested', address })
      const [target] = this.mesh.spellingsOf(address)
      if (target === undefined || this.mesh.connectedAddresses.has(target)) return
      throw new Violation(`${this.name} was told to forget ${address}, and has not`)
    })
  }

  /** The shell requests a survey, and the program tells something else of the node. */
  requestSurvey(): void {
    this.#changes += 1
    const text = JSON.stringify({ number: this.number, changes: this.#changes })
    this.#input({ kind: 'data-changed', text })
    this.#input({ kind: 'survey-requested' })
  }

  // --- Events of the network ---------------------------------------------------------------------

  identityFor(): Identity {
    return this.identity
  }

  onAccepted(socket: Socket, identity: Identity | undefined): void {
    const link = this.#adopt(socket)
    const remote = socket.peer.process.hostAs(identity)
    this.#input({ kind: 'link-accepted', link, remote, identity })
  }

  onOpened(address: Address, socket: Socket, identity: Identity | undefined): void {
    const link = this.#adopt(socket)
    this.#watch.end(address)
    const other = socket.peer.process
    if (other === this) this.#watch.reachedItself(address, this.network.time.nowMs)
    else this.#world.tally.dialsAnswered += 1
    if (other instanceof SimNode) this.#world.pairs.settle(this, other, socket)
    if (identity?.address === address) this.#watch.reached(address)
    this.#input({ kind: 'dial-succeeded', address, link, identity })
  }

  onDialFailed(address: Address, reason: DialEnd): void {
    this.#watch.end(address)
    this.#input({ kind: 'dial-failed', address, failure: FAILURES[reason], reason })
  }

  onText(socket: Socket, text: string): void {
    this.#world.messages?.expectSpoken(this, socket.peer.process, text)
    const frame = { kind: 'text', text } as const
    this.#input({ kind: 'frame-received', link: socket.link, frame, bytes: text.length })
  }

  onPing(socket: Socket): void {
    this.#input({ kind: 'ping-received', link: socket.link })
  }

  onPong(socket: Socket): void {
    this.#input({ kind: 'pong-received', link: socket.link })
  }

  onClosed(socket: Socket, code: number, reason: string): void {
    if (this.#links.delete(socket.link)) this.messages?.linkGone(socket.link)
    this.#input({ kind: 'link-closed', link: socket.link, code, reason })
  }

  /** As io/driver.ts: what peers have sent is read before the deadline counts. */
  override thaw(): void {
    const isDue = this.#missedDeadline
    this.#missedDeadline = false
    super.thaw()
    if (isDue) this.receive(() => this.#input({ kind: 'deadline' }))
  }

  // --- The core ----------------------------------------------------------------------------------

  #input(input: Input): void {
    const { nowMs } = this.network.time
    const { trace } = this.#world
    trace.note(nowMs, this.name, () => `<- ${describeInput(input)}`)
    let outputs: readonly Output[]
    try {
      outputs = this.mesh.handle(input, nowMs)
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error)
      throw new Violation(`the core of ${this.name} threw: ${stack}`)
    }
    for (const output of outputs) {
      trace.note(nowMs, this.name, () => `   ${describeOutput(output)}`)
      this.#execute(output)
    }
    this.#checkLists()
    checkSizes(this)
    this.#arm()
  }

  #execute(output: Output): void {
    switch (output.kind) {
      case 'dial':
        return this.#dial(output.address, output.timeoutMs)
      case 'send': {
        const { tally, network } = this.#world
        if (output.text.startsWith(HANDSHAKE_START)) {
          tally.handshakes += 1
          tally.handshakeBytes += output.text.length
        }
        const socket = this.#links.get(output.link)
        if (socket !== undefined) network.send(socket, { kind: 'text', text: output.text })
        return
      }
      case 'ping': {
        const socket = this.#links.get(output.link)
        if (socket !== undefined) this.network.send(socket, { kind: 'ping' })
        return
      }
      case 'close': {
        const socket = this.#links.get(output.link)
        if (this.#links.delete(output.link)) this.messages?.linkGone(output.link)
        const { code, reason } = output.frame
        if (socket === undefined) return
        if (code === CloseCode.DUPLICATE) this.#world.pairs.countDuplicate(socket)
        return this.network.close(socket, code, reason)
      }
      case 'messages':
        // Requests have a lab of their own, in test/requests.
        if (output.fact.kind !== 'request-received') this.messages?.handle(output.fact)
        return
      case 'report':
        return this.#watch.note(output.event, this.network.time.nowMs)
      default:
        output satisfies never
    }
  }

  #dial(address: Address, timeoutMs: number): void {
    const { tally, network } = this.#world
    const verifies = this.#watch.begin(address, network.time.nowMs)
    if (verifies) tally.verifications += 1
    else tally.dials += 1
    network.dial(this, address, { identity: this.identity, timeoutMs, verifies })
  }

  /** Checks that dials that are due begin. @throws {Violation} */
  checkWaiting(): void {
    if (!this.frozen) this.#watch.checkWaiting(this.network.time.nowMs, this.thawedMs)
  }

  /** Dials under way, as the shell sees it. */
  get dialsUnderWay(): number {
    return this.#watch.underWay
  }

  /** Those of them that do not check an own alias again. */
  get dialsToOthers(): number {
    return this.#watch.underWayBut(this.place.aliases)
  }

  /** How many sockets the core has not closed. */
  get socketsHeld(): number {
    return this.#links.size
  }

  #adopt(socket: Socket): number {
    this.#lastLink += 1
    socket.link = this.#lastLink
    this.#links.set(socket.link, socket)
    return socket.link
  }

  #checkLists(): void {
    const { connectedAddresses, attemptingToConnectToAddress } = this.mesh
    for (const address of attemptingToConnectToAddress) {
      if (connectedAddresses.has(address)) {
        throw new Violation(`${this.name} has ${address} in two lists`)
      }
    }
    if (connectedAddresses.has(this.place.address)) {
      throw new Violation(`${this.name} counts itself as connected`)
    }
  }

  // --- Time --------------------------------------------------------------------------------------

  /**
   * A job stays scheduled when the deadline moves back; it then runs early, and schedules again.
   */
  #arm(): void {
    const deadlineMs = this.mesh.deadlineMs()
    if (deadlineMs === undefined) return
    if (this.#armedForMs !== undefined && this.#armedForMs <= deadlineMs) return
    this.#armedForMs = deadlineMs
    this.network.time.at(deadlineMs, () => this.#onTimer(deadlineMs))
  }

  #onTimer(armedForMs: number): void {
    if (!this.alive || this.#armedForMs !== armedForMs) return
    this.#armedForMs = undefined
    const deadlineMs = this.mesh.deadlineMs()
    if (deadlineMs === undefined || deadlineMs > this.network.time.nowMs) return this.#arm()
    if (this.frozen) this.#missedDeadline = true
    else this.#input({ kind: 'deadline' })
  }
}

/** How many links the node there has closed because nothing came. */
export function silentClosesOf({ listener }: Place): number {
  if (!(listener instanceof SimNode)) return 0
  const { closes } = listener.mesh.counters()
  return closes.find(({ by, code }) => by === 'us' && code === CloseCode.SILENT)?.count ?? 0
}
