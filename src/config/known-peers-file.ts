/** Changes `known-peers.json`, and keeps its layout. */

import {
  chmodSync,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf } from '../errors/system-error.ts'
import { parseKnownPeer, textOfEntry } from './known-peer.ts'
import { readKnownPeers } from './known-peers.ts'
import { readTextFile } from './text-file.ts'

/** One entry of the list: its JSON string, and the white space before it. */
interface Item {
  readonly space: string
  readonly json: string
}

/**
 * The text of the file with one more address. A file that is missing counts as an empty list.
 *
 * @throws {NodeError} CONFIG_… when the file is wrong, or has too many entries then
 */
export function textWith(file: string, address: string): string {
  const text = readTextFile(file) ?? '[]\n'
  const items = itemsOf(text)
  const { space = '' } = items.at(-1) ?? {}
  // Of a single entry it may be that after the bracket.
  const added = { space: items.length === 1 ? space || ' ' : space, json: JSON.stringify(address) }
  return checked(file, textOf(text, [...items, added]))
}

/** The text of the file without some addresses; undefined when it has none of them. */
export function textWithout(file: string, addresses: ReadonlySet<string>): string | undefined {
  const text = readTextFile(file) ?? '[]\n'
  const items = itemsOf(text)
  const [first] = items
  const kept = items.filter(({ json }) => !addresses.has(canonical(json)))
  if (first === undefined || kept.length === items.length) return undefined
  const [firstKept, ...others] = kept
  const list = firstKept === undefined ? [] : [{ ...firstKept, space: first.space }, ...others]
  return checked(file, textOf(text, list))
}

function itemsOf(text: string): readonly Item[] {
  const found = text.matchAll(/(\s*)("(?:[^"\\]|\\.)*")/g)
  return [...found].map(([, space = '', json = '']) => ({ space, json }))
}

function canonical(json: string): string {
  const parsed = parseKnownPeer(JSON.parse(json))
  return parsed.kind === 'rejected' ? json : textOfEntry(parsed)
}

/** What stands before the list and after its last entry stays. */
function textOf(text: string, items: readonly Item[]): string {
  const before = text.slice(0, text.indexOf('[') + 1)
  const after = /\s*\]\s*$/.exec(text)?.[0] ?? ']'
  const list = items.map(({ space, json }) => `${space}${json}`).join(',')
  return `${before}${list}${items.length === 0 ? after.trimStart() : after}`
}

/** @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID */
function checked(file: string, text: string): string {
  readKnownPeers(file, JSON.parse(text), 'a JSON array')
  return text
}

/**
 * Replaces the file: a node that reads it meanwhile gets the old or the new one, never a part.
 *
 * @throws {NodeError} KNOWN_PEERS_NOT_WRITTEN when the system refuses, RUNTIME_PERMISSION_MISSING
 * on Deno without `--allow-write`
 */
export function replaceFile(file: string, text: string): void {
  try {
    const isThere = existsSync(file)
    // It may be a link to one file for several nodes.
    const target = isThere ? realpathSync(file) : file
    const staging = `${target}.${process.pid}.tmp`
    try {
      const mode = isThere ? statSync(target).mode : undefined
      writeFileSync(staging, text, { mode })
      // The umask takes away from it. Some file systems have no modes to change.
      if (mode !== undefined && statSync(staging).mode !== mode) chmodSync(staging, mode)
      renameSync(staging, target)
    } finally {
      rmSync(staging, { force: true })
    }
  } catch (cause) {
    const message = `${file} cannot be written (${refusalOf(cause)}); let this user write there, or change it yourself`
    throw new NodeError('KNOWN_PEERS_NOT_WRITTEN', message, { cause })
  }
}
