/** The answers of a server to whoever is refused before there is a WebSocket. */

import type { Duplex } from 'node:stream'
import { AUTH_HEADER } from '../auth/proof.ts'
import { TLS_OFFER } from '../tls/first-byte.ts'

export interface Refusal {
  readonly status: string
  /** Lines of more headers, each with its end. */
  readonly headers?: string
  /** For people, one line. */
  readonly problem: string
}

/** By this a dialer tells it from other servers (RFC 9110 §11.6.1). */
export const NO_SECRET: Refusal = {
  status: '401 Unauthorized',
  headers: `WWW-Authenticate: ${AUTH_HEADER}\r\n`,
  problem: 'this node connects only to nodes that prove its secret',
}

/** The challenge of whoever asks for a certificate in the handshake. */
export const CERTIFICATE_CHALLENGE = 'Mesh-Certificate'

export const NO_CERTIFICATE: Refusal = {
  status: '401 Unauthorized',
  headers: `WWW-Authenticate: ${CERTIFICATE_CHALLENGE}\r\n`,
  problem: 'this node connects only to nodes with a certificate of its authority',
}

/** Whoever does not encrypt is told neither an address nor what answers. */
export const NEEDS_TLS: Refusal = {
  status: '400 Bad Request',
  headers: `Upgrade: ${TLS_OFFER}\r\n`,
  problem: 'this port speaks TLS: use https:// instead of http://, and wss:// instead of ws://',
}

/** An empty body must not stand for one that was not read. */
export const NO_BODY_READ: Refusal = {
  status: '400 Bad Request',
  problem:
    'this node reads no body of a request that offers another protocol: send it without Upgrade',
}

/** Answers, and closes. */
export function refuse(socket: Duplex, { status, problem, headers = '' }: Refusal): void {
  socket.once('finish', () => socket.destroy())
  const text = `${problem}\n`
  const type = 'Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff'
  const length = `Content-Length: ${Buffer.byteLength(text)}`
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}${type}\r\n${length}`
  socket.end(`${head}\r\n\r\n${text}`)
}
