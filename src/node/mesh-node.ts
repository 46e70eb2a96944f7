/** A node of the mesh: the core with its driver, a server and a dialer. */

import { type Listening, ownSpellings } from '../config/listening.ts'
import { stringOf } from '../errors/system-error.ts'
import { type OwnEndpoint, problemWithOrigin } from '../http/request-authorization.ts'
import type { NodeSite } from '../http/site.ts'
import { Dialer } from '../io/dialer.ts'
import { Driver } from '../io/driver.ts'
import { NameLookup } from '../io/name-lookup.ts'
import type { PortReservation } from '../io/port-reservation.ts'
import { Server } from '../io/server.ts'
import { hostOf } from '../mesh/address/address.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { Mesh } from '../mesh/mesh.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { CertificateText } from '../tls/certificate.ts'
import { mutualTls } from '../tls/client-tls.ts'
import { CloseCode } from '../wire/close-codes.ts'
import { type NodeData, parseNodeData } from '../wire/node-data.ts'
import { isAddressProblem, withSuggestion } from './address-problem.ts'
import { type HandlerFailure, handlerError } from './handler-calls.ts'
import { KnownPeers } from './known-peers.ts'
import { MessageHub } from './message-hub.ts'
import { type Messaging, Messenger } from './messenger.ts'
import { NodeSecurity } from './node-security.ts'
import { type MeshNodeOptions, readOptions, textOfData } from './options.ts'
import { type Peer, Peers } from './peers.ts'
import { NodeRequests } from './requests.ts'
import { siteFacts } from './site-facts.ts'

/** The longest that a stop waits for peers that do not read, in ms. */
export const FLUSH_MS_MAX = 2_000

/**
 * A node, which can be started and stopped once. It prints nothing, never ends the process, and
 * listens to no signals; there can be many in one process. What a listener throws surfaces as an
 * uncaught error and closes no connection.
 */
export class MeshNode extends Messenger {
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
  readonly #knownPeers: KnownPeers
  readonly #hub: MessageHub
  readonly #security: NodeSecurity
  readonly #requests: NodeRequests
  /** @internal */
  protected readonly messaging: Messaging
  readonly #listening: Omit<Listening, 'address'>
  /** As text. The core has it once it has carried out what came before. */
  #data: string
  #wasComplete = false
  /** The port of a node that was to take a free one, until it listens. */
  readonly #reservation: PortReservation | undefined
  /** Where the IPs were set, for warnings; undefined when they are the default. */
  readonly #listenSubject: string | undefined
  /** Undefined until it is started. */
  #whenListening: Promise<boolean> | undefined
  /** Undefined until it is stopped. */
  #whenClosed: Promise<void> | undefined

  /** @throws {NodeError} CONFIG_… when an option is wrong; the message has an example. */
  constructor(options: MeshNodeOptions) {
    super()
    const { reservation, settings } = readOptions(options)
    const { identity, address, port, listen, isSecure, timings, ...parsed } = settings
    this.#reservation = reservation
    this.address = address
    this.id = identity.id
    this.#data = parsed.data
    this.#listening = { listen, port, isSecure }
    this.#listenSubject = parsed.listenSubject
    this.#mesh = new Mesh({
      identity,
      ownAddresses: ownSpellings({ address, ...this.#listening }),
      checksOwnAddress: parsed.isAddressSet,
      knownPeers: parsed.knownPeers,
      timings,
      runtime: options.runtime ?? '',
      data: parsed.data,
      random: Math.random,
    })
    this.#peers = new Peers(this.#mesh)
    try {
      this.#hub = new MessageHub({
        id: identity.id,
        address,
        // Whoever reaches a loopback address runs on this machine.
        takesRelayed: isLoopbackHost(hostOf(address)),
        nowMs: monotonicMs(),
        random: Math.random,
        settings: parsed.messages,
        onError: (failure) => this.#onHandlerFailed(failure),
      })
    } catch (error) {
      void reservation?.release()
      throw error
    }
    this.#security = new NodeSecurity({
      secrets: parsed.secrets,
      mode: parsed.secretMode,
      tlsPin: parsed.tlsPin,
      isSecure,
      certificate: parsed.certificate,
      identity,
      onEvent: (event) => this.report(event),
      onWithdrawn: (socket) =>
        this.#driver.end(socket, CloseCode.WRONG_SECRET, 'secret was withdrawn'),
    })
    const { proofs, tls, onProblem: onSecretProblem } = this.#security
    this.#requests = new NodeRequests({
      own: this,
      mesh: this.#mesh,
      addressOf: (peer) => this.#hub.addressOf(peer),
      input: (input) => this.#driver.requests.input(input),
      report: (event) => this.report(event),
    })
    const endpoint: OwnEndpoint = { address, port, httpHosts: parsed.httpHosts }
    const onNoDescriptors = (): void => this.report({ kind: 'no-descriptors' })
    const names = new NameLookup()
    this.#dialer = new Dialer({
      identity,
      proofs,
      tlsOf: () => mutualTls(tls?.certificate),
      onSecretProblem,
      onNoDescriptors,
      names,
    })
    this.#driver = new Driver({
      mesh: this.#mesh,
      dialer: this.#dialer,
      pubsub: this.#hub.pubsub,
      requests: this.#requests.port,
      onMessages: () => this.#onMessages(),
      onEvent: (event) => this.#onEvent(event),
    })
    this.messaging = {
      mesh: this.#mesh,
      hub: this.#hub,
      messages: this.#driver.messages,
      requests: this.#requests,
    }
    this.#knownPeers = new KnownPeers({
      mesh: this.#mesh,
      driver: this.#driver,
      names,
      sources: parsed.sources,
      ownAddress: address,
      lanMesh: () => ({ name: identity.mesh, ...this.#security.keysOfMesh }),
      report: (event) => this.report(event),
    })
    const site = options.site?.(
      siteFacts({
        identity,
        endpoint,
        node: this,
        ...this.messaging,
        security: this.#security,
        driver: this.#driver,
        knownPeers: this.#knownPeers,
      }),
    )
    this.#site = site
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
      tls,
      proofs,
      onSecretProblem,
      onNoDescriptors,
      onCrowded: () => this.report({ kind: 'connections-full' }),
      ...(site && { onRequest: (request, response) => site.handle(request, response) }),
    })
  }

  /** The addresses that the node starts from, without its own, and names that lead to more. */
  get knownPeers(): readonly string[] {
    return this.#knownPeers.list
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
   * What this node tells of itself: a JSON object such as `{ role: 'worker', name: 'anna' }`, which
   * its peers have as {@link Peer.data}. What is set replaces all that was told before, and goes to
   * the peers within a second. Change it by setting another object.
   *
   * @throws {TypeError} when it is set to what is no JSON object
   * @throws {RangeError} when that has more than 1,024 bytes as JSON
   */
  get data(): NodeData {
    return parseNodeData(this.#data)
  }

  set data(data: NodeData) {
    this.#data = textOfData(data)
    this.#driver.tell(this.#data)
  }

  /**
   * Listens, then dials the known peers. Resolves with true when it listens, with false when it was
   * stopped before. Idempotent.
   *
   * @throws {NodeError} LISTEN_… when it cannot listen on the port; CONFIG_TLS_INVALID or
   * RUNTIME_CERTIFICATES_IGNORED when the authorities of its certificate cannot decide who gets in.
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
   * ignored. A name in DNS, such as `dns:NAME:PORT`, is looked up again and again instead, and
   * `lan` announces the node on the local network. What they lead to is dialed, and is a member
   * once it was reached. Idempotent.
   *
   * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is neither, or when the node has 4,096
   * known peers or looks up 16 names.
   */
  addPeer(address: string): void {
    this.#knownPeers.add(address)
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
    this.#security.replace(secret)
  }

  /**
   * Takes another certificate, as the option `certificate` has it, for connections to come. Without
   * `ca` the authorities stay.
   *
   * @throws {NodeError} CONFIG_TLS_INVALID when it is none; the old one stays
   * @throws {Error} when the node does not encrypt, or has `ca` and was made without it
   */
  replaceCertificate(text: CertificateText): void {
    this.#security.replaceCertificate(text)
  }

  /**
   * Removes a peer that is not connected, under all its addresses, also from the known peers: it is
   * no member of the mesh any more and not dialed, whatever peers name, for 24 hours or until it
   * connects to this node. Or looks up a name no more; what it led to stays. Returns whether it was
   * remembered.
   *
   * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not an address, PEER_CONNECTED when
   * the peer is connected: stop it first.
   */
  forget(address: string): boolean {
    return this.#knownPeers.forget(address).length > 0
  }

  /**
   * Sends all peers a close frame and closes every socket. Resolves when that is done, after a
   * `peer-down` for each peer: within a second, and up to 2 s more while peers have not read what
   * was published, and with `folder` as long as the disk takes to store it. Then nothing of the
   * node keeps the process alive. Idempotent.
   */
  stop(): Promise<void> {
    this.#whenClosed ??= this.#close()
    return this.#whenClosed
  }

  /** The same as {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #listen(): Promise<boolean> {
    this.#hub.start((event) => this.report(event))
    await this.#security.assertClientCertificatesChecked()
    await this.#reservation?.release()
    const passedOver = await this.#server.listen()
    if (this.#whenClosed !== undefined) return false
    this.#driver.start()
    this.#knownPeers.start()
    const setting = this.#listenSubject
    // After the start of the driver, because a listener may stop the node. By default a node
    // listens on both loopbacks, and some machines lack one.
    if (setting !== undefined) {
      for (const ip of passedOver) this.report({ kind: 'listen-ip-missing', ip, setting })
    }
    this.report({ kind: 'listening', address: this.address })
    this.#security.report()
    return true
  }

  async #close(): Promise<void> {
    void this.#reservation?.release()
    // Whoever waits for an answer gets one before its connection ends.
    this.#site?.close()
    const closed = this.#server.close()
    this.#knownPeers.close()
    this.#dialer.close()
    await closed
    await this.#flushInTime()
    this.#requests.stop()
    await this.#driver.stop()
    await this.#hub.close()
    for (const change of this.#peers.clear(OWN_STOP)) this.emitChange(change)
    // start() throws what is wrong with listening.
    await Promise.allSettled([this.#whenListening])
  }

  /** What was published just before the stop still goes out. */
  #flushInTime(): Promise<unknown> {
    const timeUp = new Promise((resolve) => setTimeout(resolve, FLUSH_MS_MAX).unref())
    return Promise.race([this.flush(), timeUp])
  }

  #onEvent(event: MeshEvent): void {
    this.#site?.observe(event)
    if (isAddressProblem(event)) {
      const suggested = withSuggestion(event, this.#listening, this.address)
      void suggested.then((made) => this.report(made))
    } else this.report(event)
    const change = this.#peers.observe(event)
    if (change !== undefined) {
      this.#hub.peerChanged(change)
      this.emitChange(change)
    }
    this.#noteCompleteness()
    this.#knownPeers.observe(event)
  }

  #onMessages(): void {
    const { subscriptions } = this.#hub
    subscriptions.wake()
    this.#site?.wake()
    for (const gap of this.#hub.takeGaps()) this.emitGuarded('gap', gap)
    for (const lag of this.#hub.takeLags((link) => this.#mesh.addressOn(link))) {
      this.emitGuarded('lag', lag)
      this.report(lag)
    }
  }

  #onHandlerFailed(failure: HandlerFailure): void {
    const { pattern, error, retryInMs } = failure
    const reason = stringOf(error)
    this.report({ kind: 'handler-failed', pattern, reason, retryInMs })
    if (retryInMs === null) this.emitGuarded('error', handlerError(failure), failure.item)
  }

  #noteCompleteness(): void {
    // It looks at the whole address book, and few programs listen to it.
    if (this.listenerCount('complete') === 0) return
    const isComplete = this.complete
    if (isComplete && !this.#wasComplete) this.emitGuarded('complete')
    this.#wasComplete = isComplete
  }
}

/** When we stop, the core reports no event for each link. */
const OWN_STOP = { by: 'us', code: CloseCode.GOING_AWAY, reason: 'node stops' } as const
