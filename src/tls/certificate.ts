/** The certificate of a node: what TLS needs of it, and what a proof and people do. */

import { constants, createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { SecureContext } from 'node:tls'
import { createSecureContext } from '../runtime/on-demand.ts'
import type { KeyPair } from './self-signed.ts'

export interface CertificateText extends KeyPair {
  /**
   * Certificates of authorities, as PEM: only peers are connected whose certificates they have
   * signed. Undefined where certificates of peers are not asked for.
   */
  readonly ca?: string | undefined
}

export interface Certificate extends CertificateText {
  /** SHA-256 of its DER, as hex digits: that of the leaf, where PEM has a chain. */
  readonly hash: string
  /** When it becomes invalid, in ms since 1970. */
  readonly expiresMs: number
}

/** The outcome of {@link readCertificate}. `problem` goes on after the names of the files. */
export type ReadCertificate =
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'rejected'; readonly problem: string }

/** Reads a certificate and its key. Never throws: what does not fit comes back as `rejected`. */
export function readCertificate({ cert, key, ca }: CertificateText): ReadCertificate {
  const leaf = parsed(cert)
  if (leaf === undefined)
    return rejected('have no certificate as PEM (-----BEGIN CERTIFICATE-----)')
  try {
    if (!leaf.checkPrivateKey(createPrivateKey(key))) {
      return rejected('do not fit: the key is that of another certificate')
    }
  } catch {
    return rejected('have no private key as PEM without a password')
  }
  try {
    contextOf({ cert, key, ca })
  } catch (error) {
    return rejected(`cannot be used: ${reasonOf(error)}`)
  }
  const expiresMs = Date.parse(leaf.validTo)
  const certificate = { cert, key, ...(ca && { ca }), hash: hashOf(leaf.raw), expiresMs }
  return { kind: 'certificate', certificate }
}

/** Whether a text begins with a certificate as PEM. */
export function hasCertificate(text: string): boolean {
  return parsed(text) !== undefined
}

/**
 * What accepts connections with a certificate.
 *
 * @throws {Error} when TLS does not take it: part of its chain is missing, its key is too short
 */
export function contextOf({ cert, key, ca }: CertificateText): SecureContext {
  return createSecureContext({
    cert,
    key,
    ...(ca && { ca }),
    minVersion: 'TLSv1.3',
    // Each connection shows the certificate: none is resumed.
    secureOptions: constants.SSL_OP_NO_TICKET,
  })
}

/** SHA-256 of a certificate as DER, as a proof has it. */
export function hashOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex')
}

function parsed(cert: string): X509Certificate | undefined {
  try {
    return new X509Certificate(cert)
  } catch {
    return undefined
  }
}

/** The last part of `error:04800066:PEM routines::bad end line`. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split(':').at(-1) ?? text
}

function rejected(problem: string): ReadCertificate {
  return { kind: 'rejected', problem }
}
