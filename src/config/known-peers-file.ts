/** Changes `known-peers.json`, and keeps its layout. */

import {
  chmodSync,
  chownSync,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf } from '../errors/system-error.ts'
import { fixOfWrite } from '../log/write-failure.ts'
import { parseKnownPeer, textOfEntry } from './known-peer.ts'
import { readKnownPeers } from './known-peers.ts'
import { createFile } from './new-file.ts'
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

/** How long a command waits before it looks again whether others change the file, in ms. */
const LOCK_PAUSE_MS = 5

/** How often it looks. Each of the others needs a few ms. */
const LOCK_LOOKS_MAX = 600

/** One that was left for so long, in ms, is of a command that died. */
const LOCK_STALE_MS = 2_000

/**
 * Changes the file as `change` says, which reads it: one command at a time. A node that reads it
 * meanwhile gets the old or the new one, never a part. Returns whether there was a change.
 *
 * @throws {NodeError} KNOWN_PEERS_NOT_WRITTEN when the system refuses, RUNTIME_PERMISSION_MISSING
 * on Deno without `--allow-write`, and what `change` throws
 */
export function changeFile(file: string, change: () => string | undefined): boolean {
  try {
    // It may be a link to one file for several nodes.
    const target = existsSync(file) ? realpathSync(file) : file
    const staging = `${target}.new`
    takeLock(staging)
    let isRenamed = false
    try {
      const text = change()
      if (text === undefined) return false
      writeFileSync(staging, text)
      if (existsSync(target)) copyOwner(target, staging)
      renameSync(staging, target)
      isRenamed = true
      return true
    } finally {
      // What has the name now is the lock of the next command.
      if (!isRenamed) rmSync(staging, { force: true })
    }
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    const refusal = refusalOf(cause)
    const fix = fixOfWrite(refusal) ?? 'let this user write there'
    const message = `${file} cannot be written (${refusal}); ${fix}, or change it yourself`
    throw new NodeError('KNOWN_PEERS_NOT_WRITTEN', message, { cause })
  }
}

/** The new file is the lock, too: whoever creates it writes it. */
function takeLock(staging: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let looks = 1; !createFile(staging, ''); looks += 1) {
    const changedMs = statSync(staging, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    // Where the clock was set back, none is old.
    const isStale = Date.now() - changedMs > LOCK_STALE_MS || looks > LOCK_LOOKS_MAX
    if (isStale) rmSync(staging, { force: true })
    else Atomics.wait(pause, 0, 0, LOCK_PAUSE_MS)
  }
}

/** The umask takes rights away, and root would own what the node's user has to read. */
function copyOwner(from: string, to: string): void {
  const wanted = statSync(from)
  const { gid, mode, uid } = statSync(to)
  // Some file systems have none to change.
  if (uid !== wanted.uid || gid !== wanted.gid) chownSync(to, wanted.uid, wanted.gid)
  if (mode !== wanted.mode) chmodSync(to, wanted.mode)
}
