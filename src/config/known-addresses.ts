/** A list of known peers, from a file or from a program. */

import { knownPeersInvalid } from '../errors/config-errors.ts'
import type { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'
import { type Address, parseAddress } from '../mesh/address/address.ts'
import { BOOK_ADDRESSES_MAX } from '../mesh/limits.ts'

/**
 * The canonical addresses of a list, each once, in its order.
 *
 * @param subject what holds the list, for messages: the path of a file, or `the option knownPeers`
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it has more than {@link BOOK_ADDRESSES_MAX}
 * entries, or one that is no address
 */
export function readKnownAddresses(
  subject: string,
  entries: readonly unknown[],
): readonly Address[] {
  const reject = (problem: string): NodeError => knownPeersInvalid({ file: subject, problem })
  if (entries.length > BOOK_ADDRESSES_MAX) {
    throw reject(`has ${entries.length} entries, which exceeds the limit of ${BOOK_ADDRESSES_MAX}`)
  }
  const addresses = new Set<Address>()
  for (const [index, entry] of entries.entries()) {
    const parsed = parseAddress(entry)
    if (parsed.kind === 'rejected') {
      const place = `${index + 1} of ${entries.length}`
      throw reject(`has a wrong entry ${place}: ${describeValue(entry)} ${parsed.problem}`)
    }
    addresses.add(parsed.address)
  }
  return [...addresses]
}

/**
 * A value in quotes, for messages. Does not look into arrays and objects: they can be nested deeper
 * than JSON.stringify can go.
 */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return "'[…]'"
  return typeof value === 'object' && value !== null ? "'{…}'" : quoted(String(value))
}
