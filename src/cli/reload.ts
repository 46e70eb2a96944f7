/** Reads the files of a running node again, as SIGHUP asks a service to. */

import { readConfig } from '../config/config.ts'
import { environmentOf } from '../config/environment.ts'
import { NodeError } from '../errors/node-error.ts'
import type { MeshNode } from '../node/mesh-node.ts'
import type { FileWatch } from './file-watch.ts'

export interface ReloadOptions {
  readonly dir: string
  readonly node: MeshNode
  /** Of the secret and the certificate, where they are in files. */
  readonly watches: readonly FileWatch[]
  readonly isStopping: boolean
}

/**
 * From now on the known peers, the secret and the certificate are those of the files and of the
 * environment. A connected one that is not among them stays: nobody is disconnected. When the files
 * are wrong, a warning says so.
 */
export function reload({ dir, node, watches, isStopping }: ReloadOptions): void {
  if (isStopping) return
  for (const watch of watches) watch.reread()
  try {
    const { knownPeers, sources } = readConfig({ dir, env: environmentOf(process) })
    setKnownPeers(node, [...knownPeers, ...sources.map(({ text }) => text)])
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    node.report({ kind: 'warning', text: `not read again: ${error.message}` })
  }
}

function setKnownPeers(node: MeshNode, wanted: readonly string[]): void {
  const before = node.knownPeers
  const removed = before.filter((peer) => !wanted.includes(peer))
  let forgotten = 0
  for (const peer of removed) forgotten += forgetUnlessConnected(node, peer) ? 1 : 0
  // After that: there is room for so many.
  for (const peer of wanted) node.addPeer(peer)
  const added = node.knownPeers.filter((peer) => !before.includes(peer)).length
  const kept = removed.length - forgotten
  node.report({ kind: 'known-peers-read', added, forgotten, kept })
}

/** Whether it did. */
function forgetUnlessConnected(node: MeshNode, peer: string): boolean {
  try {
    return node.forget(peer)
  } catch (error) {
    if (error instanceof NodeError && error.code === 'PEER_CONNECTED') return false
    throw error
  }
}
