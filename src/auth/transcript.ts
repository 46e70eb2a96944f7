/**
 * What a proof covers, as text: a line for each fact, so that a program in any language makes the
 * same bytes. docs/PROTOCOL.md, section 10, has examples. Pure.
 */

/** What a side says of itself: the names and values of identity headers. Empty for a probe. */
export type Claims = Readonly<Record<string, string>>

/** What both sides have of one link before they prove anything. */
export interface Session {
  readonly dialerNonce: string
  readonly acceptorNonce: string
  /** SHA-256 of the acceptor's certificate as hex digits, or `plain` without TLS. */
  readonly certificate: string
}

/** What the dialer says. */
export interface DialerClaims {
  /** The address as it was dialed. */
  readonly dialed: string
  readonly claims: Claims
}

/** What the dialer's proof covers. */
export function dialerTranscript(session: Session, dialer: DialerClaims): string {
  return linesOf('dialer', session, dialer).join('\n')
}

/** What the acceptor's proof covers: all of the dialer's, with its proof. */
export function acceptorTranscript(
  session: Session,
  dialer: DialerClaims & { readonly mac: string },
  claims: Claims,
): string {
  const lines = linesOf('acceptor', session, dialer)
  return [...lines, `dialer-mac ${dialer.mac}`, ...claimLines('acceptor', claims)].join('\n')
}

function linesOf(
  role: 'dialer' | 'acceptor',
  { dialerNonce, acceptorNonce, certificate }: Session,
  { dialed, claims }: DialerClaims,
): readonly string[] {
  return [
    'fullmesh-auth-1',
    `role ${role}`,
    `dialer-nonce ${dialerNonce}`,
    `acceptor-nonce ${acceptorNonce}`,
    `certificate ${certificate}`,
    `dialed ${dialed}`,
    ...claimLines('dialer', claims),
  ]
}

/** In the order of their names: the order of keys in JSON means nothing. */
function claimLines(of: string, claims: Claims): readonly string[] {
  const names = Object.keys(claims).sort()
  return names.map((name) => `${of} ${name}: ${claims[name]}`)
}
