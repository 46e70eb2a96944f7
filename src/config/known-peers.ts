/** The known peers, from which a node starts: in `known-peers.json`, or in a program's option. */

import { NodeError } from '../errors/node-error.ts'
import { quoted, valueText } from '../log/printable.ts'
import type { Address } from '../mesh/address/address.ts'
import { BOOK_ADDRESSES_MAX } from '../mesh/limits.ts'
import { parseOperatorAddress } from './setting-values.ts'
import { readTextFile } from './text-file.ts'

/**
 * The addresses in the file, as {@link readAddressList} gives them; undefined when it is missing.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not JSON, and what
 * {@link readAddressList} and {@link readTextFile} throw.
 */
export function readKnownPeersFile(file: string): readonly Address[] | undefined {
  const text = readTextFile(file)
  if (text === undefined) return undefined
  return readAddressList(file, parseJson(file, text), 'a JSON array')
}

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
  if (!Array.isArray(list)) throw invalid(subject, `must be ${kind}, got ${shown(list)}`)
  const count = list.length
  if (count > BOOK_ADDRESSES_MAX) {
    const problem = `has ${count} entries, which exceeds the limit of ${BOOK_ADDRESSES_MAX}`
    throw invalid(subject, problem)
  }
  const addresses = list.map((entry: unknown, index) => {
    const parsed = parseOperatorAddress(entry)
    if (parsed.kind === 'address') return parsed.address
    const problem = `has a wrong entry ${index + 1} of ${count}: ${shown(entry)} ${parsed.problem}`
    throw invalid(subject, problem)
  })
  return [...new Set(addresses)]
}

/**
 * The canonical address that an operator gave by itself, such as in a call.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID
 */
export function readAddress(value: unknown): Address {
  const parsed = parseOperatorAddress(value)
  if (parsed.kind === 'address') return parsed.address
  const message = `${shown(value)} ${parsed.problem}; write an address such as ws://localhost:4001`
  throw new NodeError('CONFIG_KNOWN_PEERS_INVALID', message)
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const problem = `is not JSON${placeOf(message, text)}: ${message.replace(POSITION, '')}`
    throw invalid(file, problem, cause)
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

function shown(value: unknown): string {
  return quoted(valueText(value))
}

function invalid(subject: string, problem: string, cause?: unknown): NodeError {
  const message = `${subject} ${problem}; write a list such as ["ws://localhost:4001", "ws://localhost:4003"]`
  return new NodeError('CONFIG_KNOWN_PEERS_INVALID', message, { cause })
}
