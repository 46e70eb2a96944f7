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

/** Of several keys, how many connections each has made: which of them may be removed. */
function keysText(keys: NonNullable<Status['keys']>): string {
  const [first, ...others] = keys
  if (first === undefined) return 'no secret'
  if (others.length === 0) return `secret ${first.key}`
  return `secrets ${keys.map(({ key, links }) => `${key} (${links})`).join(', ')}`
}
