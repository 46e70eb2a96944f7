/**
 * The driver: carries inputs from sockets and timers to the core, and its outputs back. All outputs
 * of one input are executed before the next input.
 */

import type { WebSocket } from 'ws'
import type { Address } from '../mesh/address/address.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { AcceptedFacts, Input, LinkId } from '../mesh/inputs.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Output } from '../mesh/outputs.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { CloseCode } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { LinkFact } from '../wire/link-facts.ts'
import type { RequestFact } from '../wire/request-messages.ts'
import { DeadlineTimer } from './deadline-timer.ts'
import type { Dialer } from './dialer.ts'
import { guarded } from './guarded.ts'
import { READ_PAUSE_MS } from './limits.ts'
import { LinkMemory } from './link-memory.ts'
import { LinkSocket } from './link-socket.ts'
import { closeCodeOf, closeInTime } from './mesh-socket.ts'
import { MessageDriver } from './message-driver.ts'
import { ProgressWatch } from './progress-watch.ts'
import { ReceiveBudgets } from './receive-budget.ts'
import { RequestDriver, type RequestDriverOptions } from './request-driver.ts'

export interface DriverOptions {
  readonly mesh: Pick<Mesh, 'handle' | 'deadlineMs' | 'counters'>
  readonly dialer: Pick<Dialer, 'dial'>
  readonly pubsub: PubSub
  readonly requests: RequestDriverOptions
  /** There may be something new for local subscriptions. */
  readonly onMessages: () => void
  /** What it throws becomes an uncaught error, once all outputs are executed. */
  readonly onEvent: (event: MeshEvent) => void
}

/** Drives one core. */
export class Driver {
  readonly #options: DriverOptions
  readonly #report: (event: MeshEvent) => void
  readonly #sockets = new Map<LinkId, LinkSocket>()
  /** The sockets of links that the core has closed. */
  readonly #closing = new Map<LinkId, WebSocket>()
  readonly #memory = new LinkMemory((link) => this.#drop(link))
  readonly #progress = new ProgressWatch((link) => this.#onInput({ kind: 'link-alive', link }))
  readonly #budgets = new ReceiveBudgets()
  /** Carries what nodes publish. */
  readonly messages: MessageDriver
  /** Carries what nodes ask each other. */
  readonly requests: RequestDriver
  readonly #inputs: Input[] = []
  #lastSent = { text: '', bytes: Buffer.alloc(0) }
  #draining = false
  #lastLink: LinkId = 0
  readonly #timer = new DeadlineTimer(() => this.#handle({ kind: 'deadline' }))
  #whenStopped: Promise<void> | undefined
  #onAllClosed: (() => void) | undefined

  constructor(options: DriverOptions) {
    this.#options = options
    this.#report = guarded(options.onEvent)
    const sockets = {
      send: (link: LinkId, text: string, onTaken: () => void) => {
        const bytes = this.#send({ link, text, canWait: false }, onTaken)
        if (bytes > 0) options.mesh.counters().frameSent(bytes)
      },
      // One that is being closed takes no more.
      unsentBytes: (link: LinkId) =>
        this.#openSocket(link)?.unsentBytes ?? Number.POSITIVE_INFINITY,
    }
    this.messages = new MessageDriver(options.pubsub, sockets, options.onMessages)
    this.requests = new RequestDriver(options.requests, sockets)
  }

  /** The server listens. */
  start(): void {
    this.#handle({ kind: 'started' })
  }

  /**
   * Closes all links with 1001, and resolves when all sockets are gone, which takes 0.5 s at most.
   * Idempotent.
   */
  stop(): Promise<void> {
    if (this.#whenStopped === undefined) {
      this.#whenStopped = new Promise((resolve) => {
        this.#onAllClosed = resolve
      })
      this.#handle({ kind: 'stop-requested' })
    }
    return this.#whenStopped
  }

  /** Makes an address a known peer. */
  addPeer(address: Address): void {
    this.#handle({ kind: 'add-requested', address })
  }

  /** Tells the peers what the node tells of itself now: an object as text, within its limit. */
  tell(text: string): void {
    this.#handle({ kind: 'data-changed', text })
  }

  /** Removes a peer that is not connected. */
  forget(address: Address): void {
    this.#handle({ kind: 'forget-requested', address })
  }

  /** A source names these addresses now, and no others. */
  sourceAnswered(source: string, addresses: readonly Address[]): void {
    this.#handle({ kind: 'source-answered', source, addresses })
  }

  removeSource(source: string): void {
    this.#handle({ kind: 'source-removed', source })
  }

  /** Asks the peers for their links. */
  survey(): void {
    this.#handle({ kind: 'survey-requested' })
  }

  /** A peer has dialed this node. */
  accept(socket: WebSocket, facts: AcceptedFacts): void {
    const link = this.#adopt(socket, facts.identity)
    this.#handle({ kind: 'link-accepted', link, ...facts })
  }

  /** The socket of a link; undefined when it is gone. */
  socketOf(link: LinkId | undefined): WebSocket | undefined {
    return link === undefined ? undefined : this.#sockets.get(link)?.socket
  }

  /** Ends the link of a socket, if it is one. */
  end(socket: WebSocket, code: CloseCode, reason: string): void {
    for (const [link, linkSocket] of this.#sockets) {
      if (linkSocket.socket !== socket) continue
      return this.#handle({ kind: 'frame-unreadable', link, code, reason })
    }
  }

  /** Gives an input to the core and executes the outputs. Inputs that come meanwhile wait. */
  #handle(input: Input): void {
    this.#inputs.push(input)
    if (this.#draining) return
    const { mesh } = this.#options
    this.#draining = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const output of mesh.handle(next, monotonicMs())) this.#execute(output)
      }
    } finally {
      this.#draining = false
    }
    this.#timer.arm(mesh.deadlineMs())
    this.#endStop()
  }

  #execute(output: Output): void {
    switch (output.kind) {
      case 'dial': {
        const { address } = output
        const { dialer } = this.#options
        return dialer.dial(output, (result, { ips, waitedMs }) => {
          if (result.kind === 'failed') {
            const { failure, reason } = result
            return this.#handle({ kind: 'dial-failed', address, failure, reason, waitedMs })
          }
          const { identity, ip, key } = result
          const link = this.#adopt(result.socket, identity)
          const facts = { identity, ip, waitedMs, ips: ips.length, trusted: key !== undefined }
          this.#handle({ kind: 'dial-succeeded', address, link, ...facts })
        })
      }
      case 'send':
        this.#send(output)
        return
      case 'ping':
        return this.#openSocket(output.link)?.socket.ping()
      case 'close':
        return this.#close(output.link, output.frame.code, output.frame.reason)
      case 'messages':
        return this.#onLinkFact(output.fact)
      case 'report':
        return this.#report(output.event)
      default:
        output satisfies never
    }
  }

  #onLinkFact(fact: LinkFact | RequestFact): void {
    const isNews = fact.kind === 'link-verified' || (fact.kind === 'link-ready' && fact.verified)
    if (isNews) this.#sockets.get(fact.link)?.verified(monotonicMs())
    if (fact.kind !== 'request-received') this.messages.handle(fact)
    this.requests.handle(fact)
  }

  // --- Sockets -----------------------------------------------------------------------------------

  #adopt(socket: WebSocket, identity: Identity | undefined): LinkId {
    this.#lastLink += 1
    const link = this.#lastLink
    const linkSocket = new LinkSocket(
      socket,
      identity?.messages === true,
      this.#budgets,
      monotonicMs(),
    )
    linkSocket.onBytes((chunk) => this.#onBytes(link, linkSocket, chunk))
    this.#sockets.set(link, linkSocket)
    socket.on('message', (data, isBinary) => {
      const bytes = Array.isArray(data) ? Buffer.concat(data).length : data.byteLength
      const frame = isBinary
        ? ({ kind: 'binary', bytes } as const)
        : ({ kind: 'text', text: String(data) } as const)
      this.#onInput({ kind: 'frame-received', link, frame, bytes })
    })
    socket.on('ping', () => this.#onInput({ kind: 'ping-received', link }))
    socket.on('pong', () => this.#onInput({ kind: 'pong-received', link }))
    socket.on('error', (error) => {
      // Only for what ws itself refuses to read; any other error ends in `close`, too.
      const code = closeCodeOf(error)
      if (code === undefined) return
      this.#handle({ kind: 'frame-unreadable', link, code, reason: error.message })
    })
    socket.on('close', (code, reason) => {
      this.#memory.gone(link)
      this.#progress.gone(link)
      // The core has closed the link itself.
      if (!this.#sockets.delete(link)) return
      this.#linkGone(link, code === CloseCode.GOING_AWAY)
      this.#handle({ kind: 'link-closed', link, code, reason: reason.toString() })
    })
    return link
  }

  #linkGone(link: LinkId, isGoodbye: boolean): void {
    this.messages.linkGone(link)
    this.requests.input({ kind: 'link-gone', link, isGoodbye })
  }

  /** Bytes came that are not decoded yet. */
  #onBytes(link: LinkId, linkSocket: LinkSocket, chunk: Buffer): void {
    const { heldBytes, socket } = linkSocket
    const verdict = linkSocket.receive(chunk, monotonicMs())
    if (verdict !== 'flood') {
      if (verdict === 'pause') this.#pause(socket)
      this.#progress.add(link, linkSocket)
      return this.#memory.changed(link, linkSocket, heldBytes)
    }
    const reason = 'rate limit exceeded'
    const code = CloseCode.FLOOD
    this.#onInput({ kind: 'frame-unreadable', link, code, reason })
    // Nothing more is read, not even while the peer has its time to close.
    socket.pause()
  }

  /** What a program publishes too fast waits at its sender. */
  #pause(socket: WebSocket): void {
    if (socket.isPaused) return
    socket.pause()
    setTimeout(() => socket.resume(), READ_PAUSE_MS).unref()
  }

  /** Whatever comes on a link that the core has closed is ignored, at no cost. */
  #onInput(input: Input & { readonly link: LinkId }): void {
    if (this.#sockets.has(input.link)) this.#handle(input)
  }

  #openSocket(link: LinkId): LinkSocket | undefined {
    const linkSocket = this.#sockets.get(link)
    return linkSocket?.isOpen === true ? linkSocket : undefined
  }

  /** Returns how many bytes were sent. */
  #send(
    { link, text, canWait }: Pick<Extract<Output, { kind: 'send' }>, 'link' | 'text' | 'canWait'>,
    onTaken?: () => void,
  ): number {
    const linkSocket = this.#openSocket(link)
    if (linkSocket === undefined) return 0
    const { heldBytes, unsentBytes } = linkSocket
    if (canWait && unsentBytes > 0) return 0
    const bytes = this.#bytesOf(text)
    if (!this.#memory.makeRoom(bytes.length)) {
      if (!canWait) this.#memory.drop(link)
      return 0
    }
    // It may have been one of those that made room.
    if (!linkSocket.isOpen) return 0
    linkSocket.send(bytes, onTaken)
    this.#progress.add(link, linkSocket)
    this.#memory.changed(link, linkSocket, heldBytes)
    return bytes.length
  }

  /** Links that are sent the same text share its bytes; a string would be copied for each. */
  #bytesOf(text: string): Buffer {
    if (text !== this.#lastSent.text) this.#lastSent = { text, bytes: Buffer.from(text) }
    return this.#lastSent.bytes
  }

  /** The memory that a link holds is to be free at once. */
  #drop(link: LinkId): void {
    const linkSocket = this.#sockets.get(link)
    if (linkSocket === undefined) return this.#closing.get(link)?.terminate()
    const { socket, unsentBytes, unfinishedBytes } = linkSocket
    if (unsentBytes >= unfinishedBytes) this.#handle({ kind: 'backlog-stuck', link })
    else {
      const reason = 'message does not end, and memory is full'
      this.#handle({ kind: 'frame-unreadable', link, code: CloseCode.FLOOD, reason })
    }
    socket.terminate()
  }

  #close(link: LinkId, code: number, reason: string): void {
    const linkSocket = this.#sockets.get(link)
    if (linkSocket === undefined) return
    this.#sockets.delete(link)
    this.#linkGone(link, false)
    this.#memory.leaving(link)
    const { socket } = linkSocket
    if (socket.readyState === socket.CLOSED) return
    this.#closing.set(link, socket)
    closeInTime(socket, code, reason, () => {
      this.#closing.delete(link)
      this.#endStop()
    })
  }

  /** Not while outputs are executed, which may close more: a listener may have called stop. */
  #endStop(): void {
    if (!this.#draining && this.#closing.size === 0) this.#onAllClosed?.()
  }
}
