/**
 * A core for tests, with simulated time and inputs by hand. No sockets, no clocks, no randomness.
 * For several cores see network.ts.
 */

import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import type { MeshEvent } from '../../src/mesh/events.ts'
import type { Input, LinkId } from '../../src/mesh/inputs.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { DEFAULT_TIMINGS, type Timings } from '../../src/mesh/timings.ts'
import type { CloseFrame } from '../../src/wire/close-codes.ts'
import {
  type Identity,
  type MeshId,
  PROTOCOL_VERSION,
  parseMeshId,
} from '../../src/wire/headers.ts'
import type { Message } from '../../src/wire/messages.ts'
import type { NodeData } from '../../src/wire/node-data.ts'

// --- Addresses and identities --------------------------------------------------------------------

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
 * The identity of one of our nodes on this port. Its id is its port, so a larger port is a larger
 * id.
 */
export function identityAt(port: number, other: Partial<Identity> = {}): Identity {
  return {
    version: PROTOCOL_VERSION,
    mesh: 'mesh',
    id: meshId(port),
    address: at(port),
    code: '',
    messages: false,
    ...other,
  }
}

/** A plain peer sends no identity. */
export const PLAIN = undefined

// --- One core ------------------------------------------------------------------------------------

/** What a test may change. */
export interface NodeOptions {
  readonly port?: number
  readonly identity?: Partial<Identity>
  readonly ownAddresses?: readonly [Address, ...Address[]]
  readonly checksOwnAddress?: boolean
  readonly knownPeers?: readonly Address[]
  readonly timings?: Partial<Timings>
  readonly random?: () => number
  readonly data?: NodeData
}

/** A HANDSHAKE that a core sent. */
export interface SentHandshake {
  readonly link: LinkId
  readonly addresses: readonly string[]
}

/** A node on port 4001 that has just started. */
export function startNode(options: NodeOptions = {}): TestNode {
  const node = new TestNode(options)
  node.handle({ kind: 'started' })
  return node
}

/**
 * One core. Each method is one input; the outputs are in the lists until the next input.
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
      checksOwnAddress: options.checksOwnAddress ?? false,
      knownPeers: options.knownPeers ?? [],
      timings: { ...DEFAULT_TIMINGS, ...options.timings },
      runtime: 'a runtime',
      random: options.random ?? (() => 0.5),
      data: JSON.stringify(options.data ?? {}),
    })
  }

  // Inputs.

  handle(input: Input): void {
    this.#orders = this.mesh.handle(input, this.nowMs)
  }

  /** A dial ended with a link to this peer, which sends HANDSHAKE unless it is a plain one. */
  reaches(dialed: Address, identity: Identity | undefined): LinkId {
    const link = this.opens(dialed, identity)
    if (identity === undefined) return link
    const opened = this.#orders
    this.receivesHandshake(link, [identity.address])
    this.#orders = [...opened, ...this.#orders]
    return link
  }

  /** A dial ended with a link to this peer, on which nothing has come yet. */
  opens(dialed: Address, identity: Identity | undefined): LinkId {
    const link = this.newLinkId()
    this.handle({ kind: 'dial-succeeded', address: dialed, link, identity })
    return link
  }

  /** A dial reached this node itself: one link is accepted, and one dialed. */
  reachesItself(dialed: Address): LinkId {
    this.accepts(this.identity)
    return this.reaches(dialed, this.identity)
  }

  failsToReach(dialed: Address): void {
    this.handle({ kind: 'dial-failed', address: dialed, failure: 'refused', reason: 'refused' })
  }

  /** This peer has proven the secret, and dialed us. */
  acceptsTrusted(identity: Identity): LinkId {
    return this.accepts(identity, '127.0.0.1', undefined, true)
  }

  /** This peer dialed us from this host, and says that it dialed `dialedHost`. */
  accepts(
    identity: Identity | undefined,
    host = '127.0.0.1',
    dialedHost?: string,
    trusted = false,
  ): LinkId {
    const link = this.newLinkId()
    const remote = `${host}:${link}`
    this.handle({ kind: 'link-accepted', link, remote, identity, dialedHost, trusted })
    return link
  }

  /** The peer of this link sends HANDSHAKE. */
  receivesHandshake(link: LinkId, addresses: readonly string[]): void {
    this.receives(link, JSON.stringify({ type: 'HANDSHAKE', data: addresses }))
  }

  receives(link: LinkId, text: string): void {
    this.handle({ kind: 'frame-received', link, frame: { kind: 'text', text }, bytes: text.length })
  }

  /** The peer sends a pong, in answer to a ping or without one. */
  receivesPong(link: LinkId): void {
    this.handle({ kind: 'pong-received', link })
  }

  /** The program tells this of the node. */
  tells(data: NodeData): void {
    this.handle({ kind: 'data-changed', text: JSON.stringify(data) })
  }

  /** The peer of this link tells this of itself. */
  isTold(link: LinkId, data: unknown): void {
    this.receives(link, JSON.stringify({ type: 'NODE_DATA', data }))
  }

  /** The shell requests a survey. */
  isSurveyed(): void {
    this.handle({ kind: 'survey-requested' })
  }

  loses(link: LinkId, code = 1006): void {
    this.handle({ kind: 'link-closed', link, code, reason: '' })
  }

  /**
   * Lets time pass, with all deadlines in it. Peers answer pings unless `peersAnswer` is false. The
   * lists hold all outputs.
   */
  waits(ms: number, { peersAnswer = true } = {}): void {
    const untilMs = this.nowMs + ms
    const orders: Output[] = []
    driveBounded(100_000, () => {
      const deadlineMs = this.mesh.deadlineMs()
      if (deadlineMs === undefined || deadlineMs > untilMs) return false
      this.nowMs = Math.max(this.nowMs, deadlineMs)
      this.handle({ kind: 'deadline' })
      const answers = peersAnswer ? this.pings : []
      orders.push(...this.#orders)
      for (const link of answers) {
        this.receivesPong(link)
        orders.push(...this.#orders)
      }
      return true
    })
    this.nowMs = untilMs
    this.#orders = orders
  }

  /** A link id that was never used before. */
  newLinkId(): LinkId {
    this.#lastLink += 1
    return this.#lastLink
  }

  // Outputs.

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

  // State.

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
