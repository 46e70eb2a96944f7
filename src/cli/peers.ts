/**
 * `add-peer` and `forget`: change `known-peers.json` of a folder, and tell its node if it runs. The
 * file stays as it is when the node refuses.
 */

import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { type KnownPeer, textOfEntry } from '../config/known-peer.ts'
import { readKnownPeer } from '../config/known-peers.ts'
import { replaceFile, textWith, textWithout } from '../config/known-peers-file.ts'
import { ownSpellings } from '../config/listening.ts'
import { NodeError } from '../errors/node-error.ts'
import { printable, quoted } from '../log/printable.ts'
import { askNode, type NodeRequest } from './node-request.ts'

export interface PeerOptions {
  readonly config: Config
  /** As the operator wrote it. */
  readonly address: string
  readonly print: (line: string) => void
}

/**
 * Adds a known peer, says in one line what is so now, and gives the exit code: 1 when the running
 * node does not take it.
 *
 * @throws {NodeError} CONFIG_… when the file or the address is wrong, KNOWN_PEERS_NOT_WRITTEN
 */
export async function addPeer({ config, address: spelling, print }: PeerOptions): Promise<0 | 1> {
  const peer = readKnownPeer(spelling)
  const address = textOfEntry(peer)
  if (peer.kind === 'address' && ownSpellings(config).includes(peer.address)) {
    print(printable(`${address} is this node itself; known-peers.json stays as it is`))
    return 0
  }
  const file = fileOf(config)
  const newText = (): string | undefined =>
    textWithout(file, new Set([address])) === undefined ? textWith(file, address) : undefined
  // Throws when it is wrong, before the node is told.
  newText()
  const told = await tell(config, { path: '/peers', method: 'POST', body: { address } })
  // Another command may have changed it meanwhile.
  const text = newText()
  const isKnown = text === undefined
  if (!isKnown) replaceFile(file, text)
  const done = isKnown
    ? `${address} is in known-peers.json already`
    : `added ${address} to known-peers.json`
  const taken = takenText(peer, config)
  return end(print, done, told, `the running node ${taken}`)
}

/**
 * Removes a peer from the known peers and from the running node; otherwise as {@link addPeer}.
 *
 * @throws {NodeError} PEER_CONNECTED when the running node is connected to it
 */
export async function forget({ config, address: text, print }: PeerOptions): Promise<0 | 1> {
  const address = textOfEntry(readKnownPeer(text))
  const file = fileOf(config)
  const path = `/peers?address=${encodeURIComponent(address)}`
  const told = await tell(config, { path, method: 'DELETE' })
  const forgotten = told.kind === 'taken' ? told.forgotten : []
  const addresses = new Set<string>([address, ...forgotten])
  const newText = textWithout(file, addresses)
  if (newText !== undefined) replaceFile(file, newText)
  const removed =
    newText === undefined ? [] : entriesOf(config).filter((known) => addresses.has(known))
  const done =
    removed.length === 0
      ? `${address} is not in known-peers.json`
      : `removed ${removed.join(' and ')} from known-peers.json`
  const isNews = forgotten.length > 0
  return end(print, done, told, `the running node ${isNews ? 'forgot it' : 'did not have it'}`)
}

function takenText(peer: KnownPeer, { isAddressAuto, isAddressSet }: Config): string {
  if (peer.kind === 'address') return 'dials it'
  if (peer.source.kind !== 'lan') return 'asks DNS for it'
  if (isAddressAuto || isAddressSet) return 'announces itself there'
  return 'announces itself on this machine, and elsewhere after a restart'
}

/** All known peers as text. */
function entriesOf({ knownPeers, sources }: Config): readonly string[] {
  return [...knownPeers, ...sources.map(({ text }) => text)]
}

function fileOf({ dir }: Config): string {
  return join(dir, 'known-peers.json')
}

function end(print: PeerOptions['print'], done: string, told: Told, taken: string): 0 | 1 {
  const state = {
    taken,
    'not-running': 'no node is running here',
    failed: told.kind === 'failed' ? told.problem : '',
  }[told.kind]
  print(printable(`${done}; ${state}`))
  return told.kind === 'failed' ? 1 : 0
}

type Told =
  | { readonly kind: 'taken'; readonly forgotten: readonly string[] }
  | { readonly kind: 'not-running' }
  /** With the fix. */
  | { readonly kind: 'failed'; readonly problem: string }

/** @throws {NodeError} PEER_CONNECTED */
async function tell(config: Config, what: NodeRequest): Promise<Told> {
  const answer = await askNode(config, what)
  const { place } = answer
  if (answer.kind === 'not-running') return { kind: 'not-running' }
  const restart = (reason: string): Told => {
    return { kind: 'failed', problem: `restart the running node, which did not take it: ${reason}` }
  }
  if (answer.kind === 'failed') return restart(`${answer.problem} on ${place}`)
  const { status, text } = answer
  const line = text.trim().slice(0, LINE_CHARS_MAX)
  if (status === 409) throw new NodeError('PEER_CONNECTED', line, { exitCode: 1 })
  if (status === 404 || status === 405 || status === 426) return restart('it is an older version')
  const forgotten = status === 200 ? forgottenIn(text) : undefined
  if (forgotten !== undefined) return { kind: 'taken', forgotten }
  return restart(`HTTP ${status} ${quoted(line)} on ${place}`)
}

/** Of an answer that is not read as JSON. */
const LINE_CHARS_MAX = 500

/** The addresses that the node forgot; undefined when it is not a node that answers. */
function forgottenIn(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    if ('added' in value) return []
    if (!('forgotten' in value) || !Array.isArray(value.forgotten)) return undefined
    return value.forgotten.filter((each): each is string => typeof each === 'string')
  } catch {
    return undefined
  }
}
