/**
 * `add-peer` and `forget`: change `known-peers.json` of a folder, and tell its node if it runs.
 * `forget` leaves the file as it is when the running node is connected to the peer; after any other
 * refusal the file is changed, and the exit code is 1.
 */

import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { type KnownPeer, textOfEntry } from '../config/known-peer.ts'
import { readKnownPeer, readKnownPeersFile, textsOf } from '../config/known-peers.ts'
import { changeFile, textWith, textWithout } from '../config/known-peers-file.ts'
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
  const taken = `the running node ${takenText(peer, config)}`
  const done = change(file, newText, told, taken)
    ? `added ${address} to known-peers.json`
    : `${address} is in known-peers.json already`
  return end(print, done, told, taken)
}

/**
 * Removes a peer from the known peers and from the running node; otherwise as {@link addPeer}. 1
 * also when the setting KNOWN_PEERS has it.
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
  const isNews = forgotten.length > 0
  const taken = `the running node ${isNews ? 'forgot it' : 'did not have it'}`
  const isNamed = (entry: string): boolean => addresses.has(entry)
  const removed = textsOf(readKnownPeersFile(file)).filter(isNamed)
  const done = change(file, () => textWithout(file, addresses), told, taken)
    ? `removed ${removed.join(' and ')} from known-peers.json`
    : `${address} is not in known-peers.json`
  if (!config.knownPeersSet.some(isNamed)) return end(print, done, told, taken)
  end(print, `${done}, but KNOWN_PEERS has it: remove it there, or it comes back`, told, taken)
  return 1
}

/** Whether the file has changed. @throws {NodeError} as `changeFile`, with what the node did */
function change(
  file: string,
  newText: () => string | undefined,
  told: Told,
  taken: string,
): boolean {
  // What needs no change needs no right to make one.
  if (newText() === undefined) return false
  try {
    return changeFile(file, newText)
  } catch (error) {
    if (!(error instanceof NodeError) || told.kind !== 'taken') throw error
    const message = `${error.message}; ${taken}, until it restarts`
    throw new NodeError(error.code, message, { cause: error })
  }
}

function takenText(peer: KnownPeer, { isAddressAuto, isAddressSet }: Config): string {
  if (peer.kind === 'address') return 'dials it'
  if (peer.source.kind !== 'lan') return 'asks DNS for it'
  if (isAddressAuto || isAddressSet) return 'announces itself there'
  return 'announces itself on this machine, and elsewhere after a restart'
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
  if (status === 404 || status === 405 || status === 426) {
    return restart('it is an older version, or another program')
  }
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
