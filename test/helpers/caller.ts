/** Clients of a node, by WebSocket or with raw bytes. They send only what a test sends. */

import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'
import type { ExecutionContext } from 'ava'
import { type ClientOptions, WebSocket } from 'ws'
import { Recording } from './recording.ts'

/** Opens a WebSocket to a node. It is dropped after the test. */
export function call(
  t: ExecutionContext,
  address: string,
  options: ClientOptions = {},
): Promise<Recording> {
  const socket = new WebSocket(address, { perMessageDeflate: false, ...options })
  t.teardown(() => socket.terminate())
  return new Promise((resolve, reject) => {
    let recording: Recording | undefined
    // Before the first frame, which can come with the answer to the upgrade.
    socket.once('upgrade', (response) => {
      recording = new Recording(socket, response.headers)
    })
    socket.once('open', () => recording && resolve(recording))
    socket.once('error', reject)
  })
}

/** The HTTP status with which a node refuses a WebSocket. */
export function refusal(
  t: ExecutionContext,
  address: string,
  options: ClientOptions = {},
): Promise<number | undefined> {
  const socket = new WebSocket(address, options)
  t.teardown(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error(`${address} accepted the WebSocket`)))
    socket.on('error', reject)
    socket.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) =>
      resolve(response.statusCode),
    )
  })
}

/** A TCP connection to a node, and the text that came through it. */
export class RawCall {
  readonly socket: Socket
  received = ''
  isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1').on('data', (text) => {
      this.received += String(text)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
    })
  }

  /** Connects and sends these bytes. It is dropped after the test. */
  static open(
    t: ExecutionContext,
    port: number,
    bytes: string | Uint8Array,
    options: Partial<TcpNetConnectOpts> = {},
  ): Promise<RawCall> {
    const socket = connect({ host: '127.0.0.1', ...options, port })
    t.teardown(() => socket.destroy())
    const call = new RawCall(socket)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.write(bytes)
        resolve(call)
      })
    })
  }
}

/** A request to become a WebSocket, as bytes. The key is the one of RFC 6455 §1.3. */
export const UPGRADE_REQUEST = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')
