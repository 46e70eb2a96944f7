/** Whether authorities have signed a certificate, as far as its text shows. */

import { X509Certificate } from 'node:crypto'

/** For both ends of a connection (RFC 5280 §4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

const PEM =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g

/**
 * Why peers that trust only these authorities refuse a certificate; undefined when nothing shows
 * it. Both are PEM, perhaps with the certificates between them. Never throws.
 */
export function problemWithAuthority(cert: string, ca: string): string | undefined {
  try {
    return problemOf(certificatesIn(cert), certificatesIn(ca))
  } catch {
    // A runtime that does not compare certificates: it is tried at the start (self-test.ts).
    return undefined
  }
}

function problemOf(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): string | undefined {
  const [leaf] = chain
  if (leaf === undefined || authorities.length === 0) return undefined
  if (!reaches(leaf, chain, authorities)) return 'no authority there has signed it'
  // Some runtimes do not read it, and a certificate without it is for everything.
  const usage: readonly string[] | undefined = leaf.keyUsage
  const isForBoth = [SERVER_AUTH, CLIENT_AUTH].every((each) => usage?.includes(each) !== false)
  return isForBoth ? undefined : 'it is not for both clients and servers'
}

function reaches(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  let current = leaf
  for (let steps = 0; steps <= chain.length; steps += 1) {
    const isTrusted = authorities.some((one) => one.fingerprint256 === current.fingerprint256)
    if (isTrusted || authorities.some((one) => isIssuer(one, current))) return true
    const next = chain.find((one) => one !== current && isIssuer(one, current))
    if (next === undefined) return false
    current = next
  }
  return false
}

function isIssuer(issuer: X509Certificate, of: X509Certificate): boolean {
  return of.checkIssued(issuer) && of.verify(issuer.publicKey)
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(PEM) ?? []).map((block) => new X509Certificate(block))
}
