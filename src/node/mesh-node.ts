/** A node of the mesh: the core with its driver, a server and a dialer. */

import { EventEmitter } from 'node:events'
import { readAddress } from '../config/known-peers.ts'
import { type Listening, ownSpellings } from '../config/listening.ts'
import { NodeError } from '../errors/node-error.ts'
import { type OwnEndpoint, problemWithOrigin } from '../http/request-authorization.ts'
import type { NodeSite } from '../http/site.ts'
import { Dialer } from '../io/dialer.ts'
import { Driver } from '../io/driver.ts'
import { guarded } from '../io/guarded.ts'
import { Server } from '../io/server.ts'
import { suggestedAddress } from '../io/suggested-address.ts'
import type { NodeEvent } from '../log/events.ts'
import { logLineFor } from '../log/log-messages.ts'
import { hostOf } from '../mesh/address/address.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { BOOK_ADDRESSES_MAX } from '../mesh/limits.ts'
import { Mesh } from '../mesh/mesh.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { CloseCode } from '../wire/close-codes.ts'
import type { Json } from '../wire/feed-messages.ts'
import { type AddressProblem, isAddressProblem, literalHostOf } from './address-problem.ts'
import { BootstrapWatch } from './bootstrap-watch.ts'
import type { MeshNodeEvents } from './mesh-node-events.ts'
import { MessageHub } from './message-hub.ts'
import { encode, type Message } from './messages.ts'
import { NodeSecret } from './node-secret.ts'
import { type MeshNodeOptions, parseOptions } from './options.ts'
import { type Peer, type PeerChange, Peers } from './peers.ts'
import type { HandlerOptions, MessageIterator, SubscribeOptions } from './subscriptions.ts'

/** The longest that a stop waits for peers that do not read, in ms. */
const FLUSH_MS_MAX = 2_000

/**
 * A node, which can be started and stopped once. It prints nothing, never ends the process, and
 * listens to no signals; there can be many in one process. What a listener throws surfaces as an
 * uncaught error and closes no connection.
 */
export class MeshNode extends EventEmitter<MeshNodeEvents> {
  /** Where other nodes dial this one. */
  readonly address: string
  /** 32 hex digits, drawn for this node: the {@link Peer.id} that its peers get. */
  readonly id: string
  readonly #mesh: Mesh
  readonly #peers: Peers
  readonly #driver: Driver
  readonly #dialer: Dialer
  readonly #server: Server
  readonly #site: NodeSite | undefined
  readonly #bootstrapWatch: BootstrapWatch
  readonly #hub: MessageHub
  readonly #secret: NodeSecret
  readonly #listening: Pick<Listening, 'listen' | 'port'>
  #wasComplete = false
  /** Where the IPs were set, for warnings; undefined when they are the default. */
  readonly #listenSubject: string | undefined
  /** Undefined until it is started. */
  #whenListening: Promise<boolean> | undefined
  /** Undefined until it is stopped. */
  #whenClosed: Promise<void> | undefined

  /** @throws {NodeError} CONFIG_… when an option is wrong; the message has an example. */
  constructor(options: MeshNodeOptions) {
    super()
    const { identity, address, port, listen, timings, ...parsed } = parseOptions(options)
    this.address = address
    this.id = identity.id
    this.#listening = { listen, port }
    this.#listenSubject = parsed.listenSubject
    this.#mesh = new Mesh({
      identity,
      ownAddresses: ownSpellings({ address, listen, port }),
      checksOwnAddress: parsed.isAddressSet,
      knownPeers: parsed.knownPeers,
      timings,
      runtime: options.runtime ?? '',
      random: Math.random,
    })
    this.#peers = new Peers(this.#mesh)
    this.#bootstrapWatch = new BootstrapWatch(this.#mesh.knownPeers)
    const endpoint: OwnEndpoint = { address, port, httpHosts: parsed.httpHosts }
    const site = options.site?.({
      identity,
      endpoint,
      onRefused: (reason) => this.report({ kind: 'request-refused', reason }),
      overview: () => this.#mesh.overview(monotonicMs()),
      counters: () => this.#mesh.counters(),
      messages: () => this.#hub.pubsub.totals(monotonicMs()),
      keys: () => this.#secret.usage(),
      sizes: () => this.#mesh.sizes(),
      survey: () => this.#driver.survey(),
      addPeer: (peer) => this.addPeer(peer),
      forget: (peer) => this.#forget(peer),
    })
    this.#site = site
    this.#hub = new MessageHub({
      id: identity.id,
      address,
      // Whoever reaches a loopback address runs on this machine, and the secret makes no strangers.
      takesRelayed: isLoopbackHost(hostOf(address)) || parsed.secrets.length > 0,
      nowMs: monotonicMs(),
      random: Math.random,
      onError: (pattern, error, retryInMs) =>
        this.report({ kind: 'handler-failed', pattern, reason: String(error), retryInMs }),
    })
    this.#secret = new NodeSecret({
      secrets: parsed.secrets,
      identity,
      onEvent: (event) => this.report(event),
      onWithdrawn: (socket) =>
        this.#driver.end(socket, CloseCode.WRONG_SECRET, 'secret was withdrawn'),
    })
    const { proofs, onProblem: onSecretProblem } = this.#secret
    const onNoDescriptors = (): void => this.report({ kind: 'no-descriptors' })
    this.#dialer = new Dialer({ identity, proofs, onSecretProblem, onNoDescriptors })
    this.#driver = new Driver({
      mesh: this.#mesh,
      dialer: this.#dialer,
      pubsub: this.#hub.pubsub,
      onMessages: () => this.#onMessages(),
      onEvent: (event) => this.#onEvent(event),
    })
    this.#server = new Server({
      identity,
      hosts: listen,
      port,
      portSource: parsed.portSource,
      requestTimeoutMs: timings.handshakeTimeoutMs,
      problemWithPage: (headers) => {
        const reason = problemWithOrigin(headers, endpoint)
        if (reason !== undefined) this.report({ kind: 'request-refused', reason })
        return reason
      },
      onLink: (...link) => this.#driver.accept(...link),
      proofs,
      onSecretProblem,
      onNoDescriptors,
      onCrowded: () => this.report({ kind: 'connections-full' }),
      ...(site && { onRequest: (request, response) => site.handle(request, response) }),
    })
  }

  /** The addresses that the node starts from, without its own. */
  get knownPeers(): readonly string[] {
    return [...this.#mesh.knownPeers]
  }

  /** The addresses that the node is connected to, in the order in which they joined. */
  get connectedAddresses(): readonly string[] {
    return [...this.#mesh.connectedAddresses]
  }

  /**
   * Whether all members of the mesh are connected, as far as this node can tell: its known peers,
   * the peers that it has verified, and what those name. False while no known peer has answered.
   */
  get complete(): boolean {
    return this.#mesh.completeness(monotonicMs()).kind === 'complete'
  }

  /** The peers that the node is connected to, in the order in which they joined. */
  get peers(): readonly Peer[] {
    return this.#peers.list()
  }

  /**
   * Sends a message to every node, this one, too. All get it that run now, once and in the order in
   * which this node publishes, however late their connection comes; or they get a {@link Gap}. It
   * never waits for a slow peer.
   *
   * @param topic such as `a.b.c`: 1 to 255 bytes without spaces, `*` and `>`
   * @param body at most 131,072 bytes with the topic, as JSON or base64
   * @returns which message it is
   * @throws {TypeError} when the topic is none, or the body is not JSON
   * @throws {RangeError} when it is too large
   */
  publish(topic: string, body: Json | Uint8Array): { readonly feed: string; readonly seq: number } {
    return { feed: this.id, seq: this.#driver.messages.publish(encode(topic, body)) }
  }

  /**
   * The messages whose topic matches a pattern, and the gaps of all feeds: as an async iterator, or
   * with a handler, which is called with one message after the other. A handler that throws is
   * called again with the same message after 0.1 s, doubling up to 10 s.
   *
   * @param pattern a topic, `a.*` for one segment more, or `a.>` for any number of them
   * @throws {TypeError} when the pattern is none
   */
  subscribe(pattern: string, options?: SubscribeOptions): MessageIterator
  subscribe(
    pattern: string,
    handler: (message: Message) => void | Promise<void>,
    options?: HandlerOptions,
  ): Disposable
  subscribe(
    pattern: string,
    first: SubscribeOptions | ((message: Message) => void | Promise<void>) = {},
    options: HandlerOptions = {},
  ): MessageIterator | Disposable {
    const { subscriptions } = this.#hub
    if (typeof first !== 'function') return subscriptions.iterate(pattern, first)
    return subscriptions.handle(pattern, first, options)
  }

  /**
   * Resolves when the sockets of all connected peers have taken all that was published before. That
   * is no word of their programs.
   */
  flush(): Promise<void> {
    return this.#driver.messages.flush()
  }

  /** What a peer has not been sent of what this node published: a peer, its id or its address. */
  lag(peer: Peer | string): { readonly items: number; readonly bytes: number } {
    const { pubsub } = this.#hub
    const address = this.#hub.addressOf(peer)
    const found = [...this.#mesh.connectedAddresses].find((one) => one === address)
    const link = found && this.#mesh.linkTo(found)
    return link === undefined ? { items: 0, bytes: 0 } : pubsub.lag(link.id, monotonicMs())
  }

  /**
   * Listens, then dials the known peers. Resolves with true when it listens, with false when it was
   * stopped before. Idempotent.
   *
   * @throws {NodeError} LISTEN_… when it cannot listen on the port.
   * @throws {Error} when the node was stopped: make a new one.
   */
  start(): Promise<boolean> {
    if (this.#whenClosed !== undefined) {
      return Promise.reject(new Error('a stopped node cannot be started again'))
    }
    this.#whenListening ??= this.#listen()
    return this.#whenListening
  }

  /**
   * Makes an address a known peer until the node stops, like those of the option `knownPeers`: it
   * is dialed at once, again and again, and is a member of the mesh. The node's own address is
   * ignored. Idempotent.
   *
   * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not an address, or when the node has
   * 4,096 known peers.
   */
  addPeer(address: string): void {
    const peer = readAddress(address)
    const { knownPeers } = this.#mesh
    if (knownPeers.size >= BOOK_ADDRESSES_MAX && !knownPeers.has(peer)) {
      const message = `${peer} is one more than ${BOOK_ADDRESSES_MAX} known peers, the maximum; forget others`
      throw new NodeError('CONFIG_KNOWN_PEERS_INVALID', message)
    }
    this.#driver.addPeer(peer)
  }

  /**
   * Takes another secret, as the option `secret` has it; connections of a secret that is not in it
   * end within a minute, and are made anew. For a change without an interruption, first add the new
   * one behind the old one on all nodes, then put it first, then remove the old one.
   *
   * @throws {NodeError} CONFIG_SECRET_INVALID when it is none; the old one stays
   * @throws {Error} when the node was made without a secret
   */
  replaceSecret(secret: string): void {
    this.#secret.replace(secret)
  }

  /**
   * Removes a peer that is not connected, under all its addresses, also from the known peers: it is
   * no member of the mesh any more and not dialed, whatever peers name, for 24 hours or until it
   * connects to this node. Returns whether it was remembered.
   *
   * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not an address, PEER_CONNECTED when
   * the peer is connected: stop it first.
   */
  forget(address: string): boolean {
    return this.#forget(address).length > 0
  }

  #forget(text: string): readonly string[] {
    const address = readAddress(text)
    const spellings = this.#mesh.spellingsOf(address)
    const [target = address] = spellings
    if (this.#mesh.connectedAddresses.has(target)) {
      const name = target === address ? address : `${address}, that is ${target},`
      const message = `${name} is connected, and would connect again; stop that node first`
      throw new NodeError('PEER_CONNECTED', message, { exitCode: 1 })
    }
    this.#driver.forget(address)
    return spellings
  }

  /**
   * Sends all peers a close frame and closes every socket. Resolves when that is done, within a
   * second, after a `peer-down` for each peer; then nothing of the node keeps the process alive.
   * Idempotent.
   */
  stop(): Promise<void> {
    this.#whenClosed ??= this.#close()
    return this.#whenClosed
  }

  async #listen(): Promise<boolean> {
    const passedOver = await this.#server.listen()
    if (this.#whenClosed !== undefined) return false
    this.#driver.start()
    const setting = this.#listenSubject
    // After the start of the driver, because a listener may stop the node. By default a node
    // listens on both loopbacks, and some machines lack one.
    if (setting !== undefined) {
      for (const ip of passedOver) this.report({ kind: 'listen-ip-missing', ip, setting })
    }
    this.report({ kind: 'listening', address: this.address })
    this.#secret.report()
    return true
  }

  async #close(): Promise<void> {
    this.#server.close()
    this.#site?.close()
    this.#dialer.close()
    await this.#flushInTime()
    await this.#driver.stop()
    this.#hub.subscriptions.close()
    for (const change of this.#peers.clear(OWN_STOP)) this.#emitChange(change)
    // start() throws what is wrong with listening.
    await Promise.allSettled([this.#whenListening])
  }

  /** What was published just before the stop still goes out. */
  #flushInTime(): Promise<unknown> {
    const timeUp = new Promise((resolve) => setTimeout(resolve, FLUSH_MS_MAX).unref())
    return Promise.race([this.flush(), timeUp])
  }

  /**
   * Emits an event, and its line. The program reports events of its own, such as its page.
   *
   * @internal
   */
  report(event: NodeEvent): void {
    this.#emitGuarded('event', event)
    // A sentence costs more than its event, and few programs listen to it.
    if (this.listenerCount('log') > 0) this.#emitGuarded('log', logLineFor(event))
  }

  #onEvent(event: MeshEvent): void {
    this.#site?.observe(event)
    if (isAddressProblem(event)) void this.#reportAddressProblem(event)
    else this.report(event)
    const change = this.#peers.observe(event)
    if (change !== undefined) {
      this.#hub.peerUp(change.peer)
      this.#emitChange(change)
    }
    this.#noteCompleteness()
    if (!this.#bootstrapWatch.observe(event)) return
    this.report({ kind: 'no-answer-yet', knownPeers: this.knownPeers })
  }

  #onMessages(): void {
    const { subscriptions } = this.#hub
    subscriptions.wake()
    for (const gap of this.#hub.takeGaps()) this.#emitGuarded('gap', gap)
  }

  /** What is wrong with the address of this node, with another one to set. */
  async #reportAddressProblem(event: AddressProblem): Promise<void> {
    const peer = 'by' in event ? event.by : event.address
    const suggested = await suggestedAddress(this.#listening, literalHostOf(peer))
    this.report(suggested === this.address ? event : { ...event, suggested })
  }

  #noteCompleteness(): void {
    // It looks at the whole address book, and few programs listen to it.
    if (this.listenerCount('complete') === 0) return
    const isComplete = this.complete
    if (isComplete && !this.#wasComplete) this.#emitGuarded('complete')
    this.#wasComplete = isComplete
  }

  #emitChange(change: PeerChange): void {
    if (change.kind === 'up') this.#emitGuarded('peer-up', change.peer)
    else this.#emitGuarded('peer-down', change.peer, change.ending)
  }

  /** An event is emitted also when a listener of the one before it throws. */
  #emitGuarded<Name extends keyof MeshNodeEvents>(
    name: Name,
    ...facts: MeshNodeEvents[Name]
  ): void {
    guarded(() => this.emit<keyof MeshNodeEvents>(name, ...facts))()
  }
}

/** When we stop, the core reports no event for each link. */
const OWN_STOP = { by: 'us', code: CloseCode.GOING_AWAY, reason: 'node stops' } as const
