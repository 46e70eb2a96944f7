/**
 * The user stories and nothing else, as a beginner would write them on `ws`: two sockets a pair,
 * one dialed by each side, no identity, no second attempt, nothing read on the sockets that it
 * dials. It uses nothing of src/, so it shows whether a program by another author is a full member
 * of a mesh. The recordings are for tests and not part of it.
 */

import type { ExecutionContext } from 'ava'
import { WebSocket, WebSocketServer } from 'ws'
import { freePort } from './free-port.ts'
import { Recording } from './recording.ts'

/** What a {@link PlainPeer} starts from. */
export interface PlainPeerOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Default: none. */
  readonly knownPeers?: readonly string[]
}

/** A plain peer. It can be started and killed repeatedly, and is killed after the test. */
export class PlainPeer {
  readonly port: number
  readonly address: string
  readonly knownPeers: readonly string[]
  readonly connectedAddresses: string[] = []
  readonly attemptingToConnectToAddress: string[] = []

  /** The sockets that others opened to it, of all its runs. */
  readonly calls: Recording[] = []
  /** The sockets that it opened, of all its runs. */
  readonly dials: Recording[] = []

  #server: WebSocketServer | undefined

  private constructor(port: number, knownPeers: readonly string[]) {
    this.port = port
    this.address = `ws://localhost:${port}`
    this.knownPeers = knownPeers
  }

  /** A peer that is not started. */
  static async create(t: ExecutionContext, options: PlainPeerOptions = {}): Promise<PlainPeer> {
    const peer = new PlainPeer(options.port ?? (await freePort(t)), options.knownPeers ?? [])
    t.teardown(() => peer.kill())
    return peer
  }

  /** A peer that listens and has begun to dial. */
  static async start(t: ExecutionContext, options: PlainPeerOptions = {}): Promise<PlainPeer> {
    const peer = await PlainPeer.create(t, options)
    await peer.start()
    return peer
  }

  /** The latest socket opened to it that is still open. */
  get call(): Recording | undefined {
    return this.calls.findLast((call) => call.isOpen)
  }

  start(): Promise<void> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: this.port })
    this.#server = server
    server.on('connection', (socket, request) =>
      this.#onCall(new Recording(socket, request.headers)),
    )
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('listening', () => {
        for (const address of this.knownPeers) this.#connectTo(address)
        resolve()
      })
    })
  }

  /** Ends without close frames, as after kill -9. Idempotent. */
  async kill(): Promise<void> {
    for (const { socket } of [...this.calls, ...this.dials]) socket.terminate()
    this.connectedAddresses.length = 0
    this.attemptingToConnectToAddress.length = 0
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await new Promise((resolve) => server.close(resolve))
  }

  #onCall(call: Recording): void {
    this.calls.push(call)
    call.socket.on('message', (text) => {
      const { type, data } = JSON.parse(String(text))
      if (type === 'HANDSHAKE') for (const address of data) this.#connectTo(address)
    })
  }

  #connectTo(address: string): void {
    const isOurs = address === this.address
    const isConnected = this.connectedAddresses.includes(address)
    if (isOurs || isConnected || this.attemptingToConnectToAddress.includes(address)) return
    this.attemptingToConnectToAddress.push(address)
    const socket = new WebSocket(address)
    this.dials.push(new Recording(socket, {}))
    socket.on('open', () => {
      remove(this.attemptingToConnectToAddress, address)
      this.connectedAddresses.push(address)
      const data = [this.address, ...this.connectedAddresses]
      socket.send(JSON.stringify({ type: 'HANDSHAKE', data }))
    })
    socket.on('close', () => {
      remove(this.attemptingToConnectToAddress, address)
      remove(this.connectedAddresses, address)
    })
  }
}

function remove(list: string[], item: string): void {
  const index = list.indexOf(item)
  if (index !== -1) list.splice(index, 1)
}
