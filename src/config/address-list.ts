/** A list of known peers, from a file or from a program. */

import { knownPeersInvalid } from '../errors/config-errors.ts'
import { quoted, valueText } from '../log/printable.ts'
import { type Address, parseAddress } from '../mesh/address/address.ts'
import { BOOK_ADDRESSES_MAX } from '../mesh/limits.ts'

/**
 * The canonical addresses of a list, each once, in its order.
 *
 * @param subject what holds the list, for messages: the path of a file, or `the option knownPeers`
 * @param kind what it must be, for messages
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not an array, has more than
 * {@link BOOK_ADDRESSES_MAX} entries, or one that is not an address
 */
export function readAddressList(
  subject: string,
  list: unknown,
  kind: 'an array' | 'a JSON array',
): readonly Address[] {
  if (!Array.isArray(list)) {
    throw knownPeersInvalid(subject, `must be ${kind}, got ${quoted(valueText(list))}`)
  }
  const count = list.length
  if (count > BOOK_ADDRESSES_MAX) {
    const problem = `has ${count} entries, which exceeds the limit of ${BOOK_ADDRESSES_MAX}`
    throw knownPeersInvalid(subject, problem)
  }
  const addresses = list.map((entry: unknown, index) => {
    const parsed = parseAddress(entry)
    if (parsed.kind === 'address') return parsed.address
    const value = quoted(valueText(entry))
    const problem = `has a wrong entry ${index + 1} of ${count}: ${value} ${parsed.problem}`
    throw knownPeersInvalid(subject, problem)
  })
  return [...new Set(addresses)]
}
