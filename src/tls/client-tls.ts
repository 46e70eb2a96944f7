/** The options of TLS for a dial. */

import type { CertificateText } from './certificate.ts'

export interface ClientTls extends Partial<CertificateText> {
  readonly minVersion: 'TLSv1.3'
  readonly rejectUnauthorized: boolean
}

/** No authority is asked: a proof covers the certificate, or the node is on this machine. */
export const ANY_CERTIFICATE = { minVersion: 'TLSv1.3', rejectUnauthorized: false } as const

/** Shows this certificate, and asks its authorities alone; undefined when it has none. */
export function mutualTls(certificate: CertificateText | undefined): ClientTls | undefined {
  if (certificate?.ca === undefined) return undefined
  const { cert, key, ca } = certificate
  return { minVersion: 'TLSv1.3', rejectUnauthorized: true, cert, key, ca }
}

/** Shows this certificate, if any, and asks nobody. */
export function uncheckedTls(certificate: CertificateText | undefined): ClientTls {
  return { ...mutualTls(certificate), ...ANY_CERTIFICATE }
}
