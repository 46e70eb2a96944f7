/** What comes through a WebSocket, written down from its first frame to its end. */

import type { IncomingHttpHeaders } from 'node:http'
import { WebSocket } from 'ws'
import { waitUntil } from './wait-until.ts'

/** How a WebSocket was closed. 1006 stands for no close frame (RFC 6455 §7.4.1). */
export interface Closing {
  readonly code: number
  readonly reason: string
}

/** A WebSocket and all that came through it. */
export class Recording {
  readonly socket: WebSocket
  /** The headers of the other end's part of the upgrade. */
  readonly headers: IncomingHttpHeaders
  readonly frames: string[] = []
  closing: Closing | undefined

  /** Starts to write down. Call it in the turn in which the socket opens. */
  constructor(socket: WebSocket, headers: IncomingHttpHeaders) {
    this.socket = socket
    this.headers = headers
    socket.on('message', (data) => this.frames.push(String(data)))
    socket.on('close', (code, reason) => {
      this.closing = { code, reason: reason.toString() }
    })
    socket.on('error', () => {})
  }

  /** Whether the link is as good as ever. */
  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  /** The frames as JSON. */
  get messages(): readonly unknown[] {
    return this.frames.map((frame) => JSON.parse(frame))
  }

  /** Waits until the other end, or the network, has closed the socket. */
  async closed(): Promise<Closing | undefined> {
    await waitUntil(
      () => this.closing !== undefined,
      () => `the end of a link that got ${this.frames.length} frames`,
    )
    return this.closing
  }
}
