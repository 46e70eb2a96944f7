/** What TLS says of the peer at the other end. */

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

/** Whether an authority of ours has signed the certificate of whoever dialed, who has its key. */
export function isAuthorizedClient(socket: Socket): boolean {
  if (!isTls(socket) || peerHash(socket) === undefined) return false
  if (socket.authorized === true) return true
  // On Node and Deno only `tls.Server` sets that, from this. What it says is tried at the start.
  const ssl: unknown = Reflect.get(socket, 'ssl')
  if (typeof ssl !== 'object' || ssl === null || !('verifyError' in ssl)) return false
  const error: unknown = typeof ssl.verifyError === 'function' ? ssl.verifyError() : 'unknown'
  return error === null || error === ''
}

/** Whether a connection is encrypted. */
export function isTls(socket: Socket | undefined): socket is TLSSocket {
  return socket !== undefined && 'encrypted' in socket && socket.encrypted === true
}
