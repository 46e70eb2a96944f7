/** What TLS says of the peer that was dialed. */

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { hashOf } from './certificate.ts'

/** The hash of the certificate that it showed; undefined without TLS. */
export function peerHash(socket: Socket | undefined): string | undefined {
  if (!isTls(socket)) return undefined
  const { raw } = socket.getPeerCertificate()
  // An object without fields when there is none.
  return raw instanceof Uint8Array ? hashOf(raw) : undefined
}

/** Whether an authority of this system has signed its certificate for the host that was dialed. */
export function isAuthorized(socket: Socket | undefined): boolean {
  return isTls(socket) && socket.authorized === true
}

/** Whether a connection is encrypted. */
export function isTls(socket: Socket | undefined): socket is TLSSocket {
  return socket !== undefined && 'encrypted' in socket && socket.encrypted === true
}
