/** Reads `known-peers.json`: the addresses that a node starts from. */

import { knownPeersInvalid } from '../errors/config-errors.ts'
import type { Address } from '../mesh/address/address.ts'
import { describeValue, readKnownAddresses } from './known-addresses.ts'
import { readTextFile } from './text-file.ts'

/** What the file says. A node without one waits until another node dials it. */
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
  if (Array.isArray(entries)) return { kind: 'read', addresses: readKnownAddresses(file, entries) }
  const problem = `must be a JSON array, got ${describeValue(entries)}`
  throw knownPeersInvalid({ file, problem })
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const problem = `is not JSON${placeOf(message, text)}: ${message.replace(POSITION, '')}`
    throw knownPeersInvalid({ file, problem, cause })
  }
}

/** How V8 names the place, in most of its messages; JavaScriptCore names none. */
const POSITION = / (?:in JSON )?at position (\d+)(?: \(line \d+ column \d+\))?$/

function placeOf(message: string, text: string): string {
  const offset = POSITION.exec(message)?.[1]
  if (offset === undefined) return ''
  const lines = text.slice(0, Number(offset)).split(/\r\n?|\n/)
  return ` at line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`
}
