/** What protects the connections of this node, in a few words. Pure. */

import type { Status } from '../../status.ts'

/** `no secret`, `secret 1a2b3c4d, encrypted 9/9`. */
export function securityText({ node, peers, keys }: Status): string {
  const links = peers.flatMap(({ link }) => link ?? [])
  const encrypted = links.filter((link) => link.encrypted).length
  const isEncrypting = node.certificate !== null || encrypted > 0
  return [
    keysText(keys ?? []),
    ...(isEncrypting ? [`encrypted ${encrypted}/${links.length}`] : []),
  ].join(', ')
}

/** Who can join the mesh. */
export function secretHelp({ keys, node, unproven }: Status): string {
  if (!keys) {
    // The status does not tell of TLS_CA, which needs a certificate.
    const unless = node.certificate ? ', unless TLS_CA is set' : ''
    return `No secret: anybody who reaches the port of this node can join the mesh${unless}.`
  }
  return typeof unproven === 'number'
    ? 'SECRET_MODE=accept: nodes without the secret can join, too.'
    : 'Only nodes with the same secret can join. The digits are its fingerprint.'
}

/** Of several keys, how many connections each has made: which of them may be removed. */
function keysText(keys: NonNullable<Status['keys']>): string {
  const [first, ...others] = keys
  if (first === undefined) return 'no secret'
  if (others.length === 0) return `secret ${first.key}`
  return `secrets ${keys.map(({ key, links }) => `${key} (${links})`).join(', ')}`
}
