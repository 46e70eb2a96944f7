/**
 * A node of the mesh: the core with its driver, a server and a dialer. `index.js` is this class
 * with flags, files and a log around it; a program can have the same node by importing it.
 */

import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { Dialer } from './io/dialer.ts'
import { Driver } from './io/driver.ts'
import { guarded } from './io/guarded.ts'
import { Server } from './io/server.ts'
import { type Address, loopbackSpellings } from './mesh/address.ts'
import type { MeshEvent } from './mesh/events.ts'
import { DEFAULT_TIMINGS, type Timings } from './mesh/limits.ts'
import { Mesh } from './mesh/mesh.ts'
import { isLoopbackHost } from './mesh/scope.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION, parseMeshId } from './wire/headers.ts'

/** What a node needs. */
export interface MeshNodeOptions {
  /** TCP port to listen on, 1 to 65535. */
  readonly port: number
  /** Where the port was set, for error messages. Default `the option port`. */
  readonly portSource?: string
  /** Where others can dial this node, such as `ws://localhost:4001`. */
  readonly address: Address
  /** IP literals to listen on. Default: both loopbacks. */
  readonly listen?: readonly string[]
  /** Addresses to start from. Default none: the node waits to be dialed. */
  readonly knownPeers?: readonly Address[]
  /** The network that the node belongs to. Default `default`. */
  readonly mesh?: string
  readonly timings?: Timings
  /**
   * SHA-256 of the running code as 64 hex digits, which peers compare with theirs. Default: not
   * told.
   */
  readonly code?: string
  /**
   * What runs the node, such as `Node.js 22.23.2`, which peers are told when they ask. Default: not
   * told.
   */
  readonly runtime?: string
}

interface Events {
  event: [MeshEvent]
  /**
   * There is no file descriptor left: the node keeps its links, and gets no new ones. Can come
   * often.
   */
  'no-descriptors': []
  /** There is no place for another connection: newcomers are dropped. Can come often. */
  crowded: []
  /** The machine lacks this IP of the option listen, but has another one of it. */
  'passed-over': [ip: string]
}

/**
 * The states of a node, in this order; a state can be left out:
 * - new: nothing happened yet.
 * - started: it listens, or is about to.
 * - stopped: it listens no more, and its sockets are closed or are being closed. There is no way
 *   back.
 */
type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'started'; readonly whenListening: Promise<boolean> }
  | { readonly kind: 'stopped'; readonly whenClosed: Promise<void> }

/**
 * A node, which can be started and stopped once. What a listener throws surfaces as an uncaught
 * error and harms no link.
 */
export class MeshNode extends EventEmitter<Events> {
  readonly address: Address
  readonly #mesh: Mesh
  readonly #driver: Driver
  readonly #dialer: Dialer
  readonly #server: Server
  #state: State = { kind: 'new' }

  constructor(options: MeshNodeOptions) {
    super()
    const { address, port, mesh = 'default', timings = DEFAULT_TIMINGS, code = '' } = options
    const hosts = options.listen ?? ['127.0.0.1', '::1']
    const identity: Identity = {
      version: PROTOCOL_VERSION,
      mesh,
      id: drawMeshId(),
      address,
      code,
    }
    this.address = address
    this.#mesh = new Mesh({
      identity,
      ownAddresses: [address, ...(servesLoopback(hosts) ? loopbackSpellings(port) : [])],
      knownPeers: options.knownPeers ?? [],
      timings,
      runtime: options.runtime ?? '',
      random: Math.random,
    })
    const onNoDescriptors = guarded(() => this.emit('no-descriptors'))
    this.#dialer = new Dialer({ identity, timeoutMs: timings.dialTimeoutMs, onNoDescriptors })
    this.#driver = new Driver({
      mesh: this.#mesh,
      dialer: this.#dialer,
      onEvent: (event) => this.emit('event', event),
    })
    this.#server = new Server({
      identity,
      hosts,
      port,
      portSource: options.portSource ?? 'the option port',
      requestTimeoutMs: timings.handshakeTimeoutMs,
      onLink: (socket, remote, peer) => this.#driver.accept(socket, remote, peer),
      onNoDescriptors,
      onCrowded: guarded(() => this.emit('crowded')),
    })
  }

  /** The addresses that the node starts from, without its own. */
  get knownPeers(): readonly Address[] {
    return this.#mesh.knownPeers
  }

  /** The addresses that the node is connected to, in the order in which they joined. */
  get connectedAddresses(): readonly Address[] {
    return [...this.#mesh.connectedAddresses]
  }

  /**
   * Listens, then dials the known peers. Resolves with true when it listens, with false when it was
   * stopped before. To start a started node changes nothing.
   *
   * @throws {NodeError} LISTEN_… when the port cannot be had.
   * @throws {Error} when the node was stopped: make a new one.
   */
  start(): Promise<boolean> {
    switch (this.#state.kind) {
      case 'new': {
        const whenListening = this.#listen()
        this.#state = { kind: 'started', whenListening }
        return whenListening
      }
      case 'started':
        return this.#state.whenListening
      case 'stopped':
        return Promise.reject(new Error('a stopped node cannot be started again'))
      default:
        return this.#state satisfies never
    }
  }

  /**
   * Tells all peers goodbye and closes every socket. Resolves when that is done, within a second.
   * Idempotent.
   */
  stop(): Promise<void> {
    if (this.#state.kind === 'stopped') return this.#state.whenClosed
    const whenClosed = this.#close(this.#state)
    this.#state = { kind: 'stopped', whenClosed }
    return whenClosed
  }

  async #listen(): Promise<boolean> {
    const passedOver = await this.#server.listen()
    // TypeScript does not see that the state can change during an await.
    if (this.#isStopped()) return false
    for (const ip of passedOver) guarded(() => this.emit('passed-over', ip))()
    this.#driver.start()
    return true
  }

  async #close(state: State): Promise<void> {
    this.#server.close()
    this.#dialer.close()
    await this.#driver.stop()
    // What is wrong with listening is said by start.
    if (state.kind === 'started') await Promise.allSettled([state.whenListening])
  }

  #isStopped(): boolean {
    return this.#state.kind === 'stopped'
  }
}

function drawMeshId(): MeshId {
  const id = parseMeshId(randomBytes(16).toString('hex'))
  if (id === undefined) throw new Error('16 random bytes are 32 hex digits')
  return id
}

/** Whether dialing a loopback IP on our port reaches us. */
function servesLoopback(hosts: readonly string[]): boolean {
  return hosts.some((host) => host === '::' || host === '0.0.0.0' || isLoopbackHost(host))
}
