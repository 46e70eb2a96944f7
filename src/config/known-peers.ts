/** The known peers, from which a node starts: in `known-peers.json`, or in a program's option. */

import { SOURCES_MAX } from '../discovery/limits.ts'
import type { Source } from '../discovery/source.ts'
import { NodeError } from '../errors/node-error.ts'
import { textOf } from '../errors/system-error.ts'
import { quoted, valueText } from '../log/printable.ts'
import type { Address } from '../mesh/address/address.ts'
import { BOOK_ADDRESSES_MAX } from '../mesh/limits.ts'
import { type KnownPeer, parseKnownPeer } from './known-peer.ts'
import type { Parsed } from './setting-values.ts'
import { readTextFile } from './text-file.ts'

export interface KnownPeers {
  /** Canonical, each once, in the order of the list. May hold our own address. */
  readonly addresses: readonly Address[]
  /** The entries that lead to addresses, each once. */
  readonly sources: readonly Source[]
}

/**
 * The entries of the file, as {@link readKnownPeers} gives them; undefined when it is missing.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not JSON, and what
 * {@link readKnownPeers} and {@link readTextFile} throw.
 */
export function readKnownPeersFile(file: string): KnownPeers | undefined {
  const text = readTextFile(file)
  if (text === undefined) return undefined
  return readKnownPeers(file, parseJson(file, text), 'a JSON array')
}

/**
 * The entries of a list.
 *
 * @param subject what holds the list, for messages: the path of a file, or `the option knownPeers`
 * @param kind what it must be, for messages
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is not an array, has more than
 * {@link BOOK_ADDRESSES_MAX} entries, or one that is neither an address nor a source
 */
export function readKnownPeers(
  subject: string,
  list: unknown,
  kind: 'an array' | 'a JSON array',
): KnownPeers {
  if (!Array.isArray(list)) throw invalid(subject, `must be ${kind}, got ${shown(list)}`)
  const count = list.length
  if (count > BOOK_ADDRESSES_MAX) {
    const problem = `has ${count} entries, which exceeds the limit of ${BOOK_ADDRESSES_MAX}`
    throw invalid(subject, problem)
  }
  const entries = list.map((entry: unknown, index) => {
    const parsed = parseKnownPeer(entry)
    if (parsed.kind !== 'rejected') return parsed
    const problem = `has a wrong entry ${index + 1} of ${count}: ${shown(entry)} ${parsed.problem}`
    throw invalid(subject, problem)
  })
  return within(subject, knownPeersOf(entries))
}

/**
 * Known peers that are not too many.
 *
 * @param subject as of {@link readKnownPeers}
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when there are more than
 * {@link BOOK_ADDRESSES_MAX} addresses or {@link SOURCES_MAX} sources
 */
export function within(subject: string, known: KnownPeers): KnownPeers {
  for (const [list, max, what] of [
    [known.addresses, BOOK_ADDRESSES_MAX, 'addresses'],
    [known.sources, SOURCES_MAX, 'names to look up'],
  ] as const) {
    if (list.length <= max) continue
    const problem = `has ${list.length} ${what}, which exceeds the limit of ${max}`
    throw new NodeError('CONFIG_KNOWN_PEERS_INVALID', `${subject} ${problem}; remove some`)
  }
  return known
}

/** The entries of both, each once. */
export function joined(one: KnownPeers = NONE, other: KnownPeers = NONE): KnownPeers {
  const byText = new Map([...one.sources, ...other.sources].map((each) => [each.text, each]))
  const addresses = new Set([...one.addresses, ...other.addresses])
  return { addresses: [...addresses], sources: [...byText.values()] }
}

/** All entries as text: the addresses, then the sources. */
export function textsOf({ addresses, sources }: KnownPeers = NONE): readonly string[] {
  return [...addresses, ...sources.map(({ text }) => text)]
}

const NONE: KnownPeers = { addresses: [], sources: [] }

/** Each entry once. */
function knownPeersOf(entries: readonly KnownPeer[]): KnownPeers {
  const addresses = entries.flatMap((entry) => (entry.kind === 'address' ? [entry.address] : []))
  const sources = entries.flatMap((entry) => (entry.kind === 'source' ? [entry.source] : []))
  return joined({ addresses, sources })
}

/** The entries of the setting, separated by commas. Never throws. */
export function parseKnownPeersSetting(text: string): Parsed<KnownPeers> {
  const entries: KnownPeer[] = []
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') return { kind: 'rejected', because: 'has an empty entry' }
    const parsed = parseKnownPeer(entry)
    if (parsed.kind === 'rejected') {
      return {
        kind: 'rejected',
        because: `has the entry ${quoted(entry)}, which ${parsed.problem}`,
      }
    }
    entries.push(parsed)
  }
  return { kind: 'value', value: knownPeersOf(entries) }
}

/**
 * The entry that an operator gave by itself, such as in a call.
 *
 * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID
 */
export function readKnownPeer(value: unknown): KnownPeer {
  const parsed = parseKnownPeer(value)
  if (parsed.kind !== 'rejected') return parsed
  const message = `${shown(value)} ${parsed.problem}; write an address such as ws://localhost:4001`
  throw new NodeError('CONFIG_KNOWN_PEERS_INVALID', message)
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = textOf(cause)
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
