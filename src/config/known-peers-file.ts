/** Reads `known-peers.json`: the addresses that a node starts from. */

import { knownPeersInvalid } from '../errors/config-errors.ts'
import type { Address } from '../mesh/address/address.ts'
import { readAddressList } from './address-list.ts'
import { readTextFile } from './text-file.ts'

/**
 * The canonical addresses of the file, each once, in the order of the file; undefined when it is
 * missing, and then the node waits until another node dials it.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not JSON, and what
 * {@link readAddressList} and {@link readTextFile} throw.
 */
export function readKnownPeersFile(file: string): readonly Address[] | undefined {
  const text = readTextFile(file)
  return text === undefined
    ? undefined
    : readAddressList(file, parseJson(file, text), 'a JSON array')
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const problem = `is not JSON${placeOf(message, text)}: ${message.replace(POSITION, '')}`
    throw knownPeersInvalid(file, problem, cause)
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
