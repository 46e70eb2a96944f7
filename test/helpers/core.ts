/**
 * Cores for tests: one core with made-up time, fed by hand (`startNode`), or a few cores on a
 * network in memory whose every delivery the test orders (`TestNetwork`). No sockets, no clocks, no
 * chance.
 */

import { type Address, parseAddress } from '../../src/mesh/address.ts'
import type { MeshEvent } from '../../src/mesh/events.ts'
import type { Input, LinkId } from '../../src/mesh/inputs.ts'
import { DEFAULT_TIMINGS, type Timings } from '../../src/mesh/limits.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import type { CloseFrame } from '../../src/wire/close-codes.ts'
import {
  type Identity,
  type MeshId,
  PROTOCOL_VERSION,
  parseMeshId,
} from '../../src/wire/headers.ts'
import type { Message } from '../../src/wire/messages.ts'

// --- Who is who ----------------------------------------------------------------------------------

/** The address that this text is. */
export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new Error(`'${text}' ${parsed.problem}`)
  return parsed.address
}

/** The address of a node on this machine. */
export function at(port: number): Address {
  return address(`ws://localhost:${port}`)
}

/** An id that ends in this number; a larger number is a larger id. */
export function meshId(number: number): MeshId {
  const id = parseMeshId(number.toString(16).padStart(32, '0'))
  if (id === undefined) throw new Error(`no id can be made of ${number}`)
  return id
}

/**
 * What one of our nodes on this port says of itself. Its id is its port, so a larger port is a
 * larger id.
 */
export function identityAt(port: number, other: Partial<Identity> = {}): Identity {
  return {
    version: PROTOCOL_VERSION,
    mesh: 'mesh',
    id: meshId(port),
    address: at(port),
    code: '',
    ...other,
  }
}

/** A plain peer says nothing of itself. */
export const PLAIN = undefined

// --- One core ------------------------------------------------------------------------------------

/** What a test may want to be different. */
export interface NodeOptions {
  readonly port?: number
  readonly identity?: Partial<Identity>
  readonly ownAddresses?: readonly [Address, ...Address[]]
  readonly knownPeers?: readonly Address[]
  readonly timings?: Partial<Timings>
  readonly random?: () => number
}

/** A HANDSHAKE that a core sent. */
export interface SentHandshake {
  readonly link: LinkId
  readonly addresses: readonly string[]
}

/** A node on port 4001 that has just started. */
export function startNode(options: NodeOptions = {}): TestNode {
  const node = new TestNode(options)
  node.tell({ kind: 'started' })
  return node
}

/**
 * One core. Each method tells it one fact; what it ordered in answer is in the lists, until the
 * next fact.
 */
export class TestNode {
  readonly mesh: Mesh
  readonly identity: Identity
  readonly port: number
  nowMs = 0
  #orders: readonly Output[] = []
  #lastLink: LinkId = 0

  constructor(options: NodeOptions = {}) {
    const { port = 4001, ownAddresses = [at(port)] } = options
    this.port = port
    this.identity = identityAt(port, { address: ownAddresses[0], ...options.identity })
    this.mesh = new Mesh({
      identity: this.identity,
      ownAddresses,
      knownPeers: options.knownPeers ?? [],
      timings: { ...DEFAULT_TIMINGS, ...options.timings },
      runtime: 'a runtime',
      random: options.random ?? (() => 0.5),
    })
  }

  // Facts.

  tell(input: Input): void {
    this.#orders = this.mesh.handle(input, this.nowMs)
  }

  /** A dial ended with a link to this peer. */
  reaches(dialed: Address, identity: Identity | undefined): LinkId {
    const link = this.newLinkId()
    this.tell({ kind: 'dial-succeeded', address: dialed, link, identity })
    return link
  }

  /** A dial ended at ourselves: the call came in, and the dialer is told. */
  reachesItself(dialed: Address): LinkId {
    this.accepts(this.identity)
    return this.reaches(dialed, this.identity)
  }

  failsToReach(dialed: Address): void {
    this.tell({ kind: 'dial-failed', address: dialed, reason: 'refused' })
  }

  /** This peer dialed us. */
  accepts(identity: Identity | undefined): LinkId {
    const link = this.newLinkId()
    this.tell({ kind: 'link-accepted', link, remote: `127.0.0.1:${link}`, identity })
    return link
  }

  /** The peer of this link says HANDSHAKE. */
  hearsHandshake(link: LinkId, addresses: readonly string[]): void {
    this.hears(link, JSON.stringify({ type: 'HANDSHAKE', data: addresses }))
  }

  hears(link: LinkId, text: string): void {
    this.tell({ kind: 'frame-received', link, frame: { kind: 'text', text } })
  }

  /** The peer answers a ping, or says unasked that it lives. */
  seesLife(link: LinkId): void {
    this.tell({ kind: 'pong-received', link })
  }

  /** Somebody looks at the mesh. */
  isLookedAt(): void {
    this.tell({ kind: 'survey-wanted' })
  }

  loses(link: LinkId, code = 1006): void {
    this.tell({ kind: 'link-closed', link, code, reason: '' })
  }

  /**
   * Lets time pass, with all deadlines in it. Peers answer pings unless told otherwise. The lists
   * hold all orders.
   */
  waits(ms: number, { peersAnswer = true } = {}): void {
    const untilMs = this.nowMs + ms
    const orders: Output[] = []
    driveBounded(100_000, () => {
      const deadlineMs = this.mesh.deadlineMs()
      if (deadlineMs === undefined || deadlineMs > untilMs) return false
      this.nowMs = Math.max(this.nowMs, deadlineMs)
      this.tell({ kind: 'deadline' })
      const answers = peersAnswer ? this.pings : []
      orders.push(...this.#orders)
      for (const link of answers) {
        this.seesLife(link)
        orders.push(...this.#orders)
      }
      return true
    })
    this.nowMs = untilMs
    this.#orders = orders
  }

  /** A name for a socket that was never used before. */
  newLinkId(): LinkId {
    this.#lastLink += 1
    return this.#lastLink
  }

  // Orders.

  get orders(): readonly Output[] {
    return this.#orders
  }

  get dials(): readonly Address[] {
    return this.#of('dial').map((order) => order.address)
  }

  get handshakes(): readonly SentHandshake[] {
    return this.sent.flatMap(({ link, message }) =>
      message.type === 'HANDSHAKE' ? [{ link, addresses: message.data }] : [],
    )
  }

  /** All messages that it sent. */
  get sent(): readonly { readonly link: LinkId; readonly message: Message }[] {
    return this.#of('send').map(({ link, text }) => ({ link, message: JSON.parse(text) }))
  }

  get pings(): readonly LinkId[] {
    return this.#of('ping').map((order) => order.link)
  }

  get closes(): readonly (CloseFrame & { readonly link: LinkId })[] {
    return this.#of('close').map(({ link, frame }) => ({ link, ...frame }))
  }

  /** The codes of the links that were closed. */
  get closeCodes(): readonly number[] {
    return this.closes.map((close) => close.code)
  }

  get events(): readonly MeshEvent[] {
    return this.#of('report').map((order) => order.event)
  }

  eventsOf<Kind extends MeshEvent['kind']>(
    kind: Kind,
  ): readonly Extract<MeshEvent, { kind: Kind }>[] {
    return this.events.filter((event) => isOfKind(event, kind))
  }

  #of<Kind extends Output['kind']>(kind: Kind): readonly Extract<Output, { kind: Kind }>[] {
    return this.#orders.filter((order) => isOfKind(order, kind))
  }

  // What it knows.

  get connected(): readonly Address[] {
    return [...this.mesh.connectedAddresses]
  }

  get attempting(): readonly Address[] {
    return [...this.mesh.attemptingToConnectToAddress]
  }

  get linkIds(): readonly LinkId[] {
    return [...this.mesh.links()].map((link) => link.id)
  }
}

function isOfKind<Tagged extends { kind: string }, Kind extends Tagged['kind']>(
  value: Tagged,
  kind: Kind,
): value is Extract<Tagged, { kind: Kind }> {
  return value.kind === kind
}

/**
 * Repeats a step until it returns false. A step that never does is a livelock: a red test, not a
 * hang.
 */
export function driveBounded(stepsMax: number, step: () => boolean): void {
  for (let steps = 0; steps < stepsMax; steps += 1) if (!step()) return
  throw new Error(`not idle after ${stepsMax} steps`)
}

// --- Several cores -------------------------------------------------------------------------------

/** One direction of something that keeps its order: a dial, or a socket. */
interface Pipe {
  readonly name: string
  readonly items: (() => void)[]
}

interface End {
  readonly node: TestNode
  readonly link: LinkId
}

/**
 * Cores on a network in memory. Nothing arrives before the test delivers it. What is sent on one
 * socket in one direction keeps its order, as on TCP; all else may overtake, which is all the
 * disorder that a real network has.
 */
export class TestNetwork {
  readonly #nodes: readonly TestNode[]
  readonly #pipes: Pipe[] = []
  readonly #trace: string[] = []
  /** By node and link: the pipe to the other end, and that end. */
  readonly #wires = new Map<TestNode, Map<LinkId, { readonly to: End; readonly pipe: Pipe }>>()

  constructor(nodes: readonly TestNode[]) {
    this.#nodes = nodes
    for (const node of nodes) this.#wires.set(node, new Map())
  }

  /** Starts one node. */
  start(node: TestNode): void {
    this.#tell(node, { kind: 'started' })
  }

  /** What could be delivered next. */
  get deliverable(): number {
    return this.#pipes.length
  }

  /** Delivers the first item of one of the pipes that hold any. */
  deliver(choice: number): void {
    const pipe = this.#pipes[choice % this.#pipes.length]
    if (pipe === undefined) return
    this.#trace.push(pipe.name)
    pipe.items.shift()?.()
    if (pipe.items.length === 0) this.#pipes.splice(this.#pipes.indexOf(pipe), 1)
  }

  /** Delivers everything, and lets this much time pass, with everything that is sent meanwhile. */
  settle(ms: number): void {
    const startMs = Math.max(...this.#nodes.map((node) => node.nowMs))
    try {
      driveBounded(10_000, () => this.#step(startMs + ms))
    } catch (cause) {
      throw new Error(`last deliveries: ${this.#trace.slice(-40).join(', ')}`, { cause })
    }
  }

  #step(untilMs: number): boolean {
    if (this.#pipes.length > 0) {
      this.deliver(0)
      return true
    }
    const deadlines = this.#nodes.map((node) => node.mesh.deadlineMs() ?? Number.POSITIVE_INFINITY)
    const nextMs = Math.min(...deadlines)
    if (nextMs > untilMs) return false
    for (const node of this.#nodes) node.nowMs = Math.max(node.nowMs, nextMs)
    const due = this.#nodes[deadlines.indexOf(nextMs)]
    if (due !== undefined) this.#tell(due, { kind: 'deadline' })
    return true
  }

  /** The links between two nodes, as pairs of their names at the one and at the other. */
  linksBetween(a: TestNode, b: TestNode): readonly (readonly [LinkId, LinkId | undefined])[] {
    return a.linkIds.flatMap((link) => {
      const to = this.#wires.get(a)?.get(link)?.to
      if (to?.node !== b) return []
      return [[link, b.linkIds.find((other) => other === to.link)] as const]
    })
  }

  #tell(node: TestNode, input: Input): void {
    node.tell(input)
    for (const order of node.orders) this.#obey(node, order)
  }

  #obey(node: TestNode, order: Output): void {
    switch (order.kind) {
      case 'dial':
        return this.#dial(node, order.address)
      case 'send': {
        const frame = { kind: 'text', text: order.text } as const
        return this.#carry(node, order.link, (to) => {
          this.#tell(to.node, { kind: 'frame-received', link: to.link, frame })
        })
      }
      case 'ping':
        return this.#carry(node, order.link, (to) => {
          this.#tell(to.node, { kind: 'ping-received', link: to.link })
          this.#carry(to.node, to.link, (back) => {
            this.#tell(back.node, { kind: 'pong-received', link: back.link })
          })
        })
      case 'close':
        return this.#carry(node, order.link, (to) => {
          this.#tell(to.node, { kind: 'link-closed', link: to.link, ...order.frame })
        })
      case 'report':
        return
      default:
        order satisfies never
    }
  }

  #dial(node: TestNode, dialed: Address): void {
    const name = `${node.identity.address} dials ${dialed}`
    this.#post({ name, items: [] }, () => {
      const peer = this.#nodes.find((other) => other.identity.address === dialed)
      if (peer === undefined) {
        return this.#tell(node, { kind: 'dial-failed', address: dialed, reason: 'refused' })
      }
      const here: End = { node, link: node.newLinkId() }
      const there: End = { node: peer, link: peer.newLinkId() }
      const back: Pipe = { name: `${dialed} to ${node.identity.address} #${here.link}`, items: [] }
      const forth: Pipe = {
        name: `${node.identity.address} to ${dialed} #${there.link}`,
        items: [],
      }
      this.#wires.get(node)?.set(here.link, { to: there, pipe: forth })
      this.#wires.get(peer)?.set(there.link, { to: here, pipe: back })
      // The 101 response leaves before anything that the acceptor sends on the link.
      this.#post(back, () => {
        const { identity } = peer
        this.#tell(node, { kind: 'dial-succeeded', address: dialed, link: here.link, identity })
      })
      const remote = `${node.identity.address}#${there.link}`
      const { identity } = node
      this.#tell(peer, { kind: 'link-accepted', link: there.link, remote, identity })
    })
  }

  #carry(node: TestNode, link: LinkId, arrive: (to: End) => void): void {
    const wire = this.#wires.get(node)?.get(link)
    if (wire !== undefined) this.#post(wire.pipe, () => arrive(wire.to))
  }

  #post(pipe: Pipe, item: () => void): void {
    if (pipe.items.length === 0 && !this.#pipes.includes(pipe)) this.#pipes.push(pipe)
    pipe.items.push(item)
  }
}
