/** Reads `known-peers.json`: the addresses that a node starts from, in the operator's own hand. */

import { NodeError } from '../errors/node-error.ts'
import type { Address } from '../mesh/address/address.ts'
import { findJsonError } from './json-error.ts'
import { describeValue, readKnownAddresses } from './known-addresses.ts'
import { readTextFile } from './text-file.ts'

/** What the file says. A node without one is alone until somebody dials it, which is fine. */
export type KnownPeers =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly addresses: readonly Address[] }

/**
 * The canonical addresses of the file, each once, in the order of the file.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not a JSON array, and what
 * {@link readKnownAddresses} and {@link readTextFile} throw.
 */
export function readKnownPeers(file: string): KnownPeers {
  const text = readTextFile(file)
  if (text === undefined) return { kind: 'missing' }
  const entries = parseJson(file, text)
  if (!Array.isArray(entries)) {
    throw NodeError.knownPeersInvalid({
      file,
      problem: `must be a JSON array, got ${describeValue(entries)}`,
    })
  }
  return { kind: 'read', addresses: readKnownAddresses(file, entries) }
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
