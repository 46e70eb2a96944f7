/** Reads `known-peers.json`: the addresses that a node starts from, in the operator's own hand. */

import { findJsonError } from './json-error.ts'
import { type Address, parseAddress } from './mesh/address.ts'
import { BOOK_ADDRESSES_MAX } from './mesh/limits.ts'
import { NodeError } from './node-error.ts'
import { quoted } from './printable.ts'
import { readTextFile } from './text-file.ts'

/** What the file says. A node without one is alone until somebody dials it, which is fine. */
export type KnownPeers =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly addresses: readonly Address[] }

/**
 * The canonical addresses of the file, each once, in the order of the file.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not a JSON array of at most
 * {@link BOOK_ADDRESSES_MAX} addresses, and what {@link readTextFile} throws.
 */
export function readKnownPeers(file: string): KnownPeers {
  const text = readTextFile(file)
  if (text === undefined) return { kind: 'missing' }
  const entries = parseJson(file, text)
  if (!Array.isArray(entries)) {
    throw NodeError.knownPeersInvalid({
      file,
      problem: `must be a JSON array, got ${describe(entries)}`,
    })
  }
  if (entries.length > BOOK_ADDRESSES_MAX) {
    const problem = `has ${entries.length} entries, which exceeds the limit of ${BOOK_ADDRESSES_MAX}`
    throw NodeError.knownPeersInvalid({ file, problem })
  }
  const addresses = new Set<Address>()
  for (const [index, entry] of entries.entries()) {
    const parsed = parseAddress(entry)
    if (parsed.kind === 'rejected') {
      const problem = `has a wrong entry ${index + 1} of ${entries.length}: ${describe(entry)} ${parsed.problem}`
      throw NodeError.knownPeersInvalid({ file, problem })
    }
    addresses.add(parsed.address)
  }
  return { kind: 'read', addresses: [...addresses] }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // Correct JSON, nested deeper than the runtime can read: no mistake to be found, and no list of
    // addresses either.
    const error = findJsonError(text) ?? { line: 1, column: 1, problem: 'it is nested too deeply' }
    throw NodeError.knownPeersNotJson({ file, error, cause })
  }
}

/** Does not look into arrays and objects: they can be nested deeper than JSON.stringify can go. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "'[…]'"
  return typeof value === 'object' && value !== null ? "'{…}'" : quoted(String(value))
}
