/**
 * The TLS of a node that accepts connections: 1.3 only, with one certificate, which is renewed or
 * replaced while the node runs.
 */

import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { tlsSocket } from '../runtime/on-demand.ts'
import { type Certificate, contextOf, readCertificate } from './certificate.ts'
import { isAuthorizedClient } from './peer-certificate.ts'
import { makeSelfSigned, VALID_MS } from './self-signed.ts'

/** Renewed when so much of its time is left, in ms. Larger: renewed more often than it must be. */
const RENEW_BEFORE_MS = VALID_MS / 3

interface Current {
  readonly certificate: Certificate
  readonly context: SecureContext
}

export class TlsAcceptor {
  readonly #nowMs: () => number
  /** Made in memory. */
  #isOwn: boolean
  /** The certificate with which each connection was accepted. */
  readonly #accepted = new WeakMap<object, Certificate>()
  #current: Current

  /**
   * @param certificate of the operator; undefined for one that is made in memory and renewed
   * @param nowMs since 1970
   */
  constructor(certificate: Certificate | undefined, nowMs = () => Date.now()) {
    this.#nowMs = nowMs
    this.#isOwn = certificate === undefined
    this.#current = currentOf(certificate ?? selfSigned(nowMs()))
  }

  /** The certificate of the next connection. */
  get certificate(): Certificate {
    return this.#renewed().certificate
  }

  /** Later connections get another certificate of the operator, and its authorities, if any. */
  replace(certificate: Certificate): void {
    this.#isOwn = false
    const { ca = this.#current.certificate.ca } = certificate
    this.#current = currentOf({ ...certificate, ca })
  }

  /** TLS on an accepted connection, whose handshake is still to come. */
  accept(tcp: Socket): TLSSocket {
    const { certificate, context } = this.#renewed()
    const asking = certificate.ca === undefined ? {} : ASKING
    const socket = tlsSocket(tcp, { isServer: true, secureContext: context, ...asking })
    this.#accepted.set(socket, certificate)
    // Either one closes after it.
    for (const each of [tcp, socket]) each.on('error', () => {})
    return socket
  }

  /** The hash of the certificate with which this accepted a connection. */
  hashFor(socket: Socket): string | undefined {
    return this.#accepted.get(socket)?.hash
  }

  /** Whether a connection that this accepted, after its handshake, has the certificate it takes. */
  admits(socket: Socket): boolean {
    const certificate = this.#accepted.get(socket)
    if (certificate === undefined) return false
    return certificate.ca === undefined || isAuthorizedClient(socket)
  }

  /** No timer: the certificate matters when somebody connects. */
  #renewed(): Current {
    const nowMs = this.#nowMs()
    const isDue = nowMs >= this.#current.certificate.expiresMs - RENEW_BEFORE_MS
    if (this.#isOwn && isDue) this.#current = currentOf(selfSigned(nowMs))
    return this.#current
  }
}

/** Whoever has no certificate is let in: HTTP needs none. */
const ASKING = { requestCert: true, rejectUnauthorized: false } as const

function selfSigned(nowMs: number): Certificate {
  const read = readCertificate(makeSelfSigned(nowMs))
  if (read.kind === 'rejected') throw new Error(`certificate and key ${read.problem}`)
  return read.certificate
}

function currentOf(certificate: Certificate): Current {
  return { certificate, context: contextOf(certificate) }
}
