/**
 * `--verify`: does everybody run the code that this file is? Asks each known peer, and whoever the
 * running node of the folder is connected to. What they answer is their word: it shows a mix-up,
 * and no malice.
 */

import type { Config } from '../config/config.ts'
import type { Probe } from '../io/probe.ts'
import { printable } from '../log/printable.ts'
import { type Address, parseAddress } from '../mesh/address/address.ts'
import type { MeshId } from '../wire/headers.ts'
import { ownIdentity, type ProbedPeer, probePeers } from './peer-probe.ts'

/** What `--verify` needs. */
export interface VerifyOptions {
  readonly config: Config
  /** The digest of this code, or empty when it is not known. */
  readonly code: string
  /** Whom the running node of this folder is connected to; empty when it does not run. */
  readonly connected: () => Promise<readonly string[]>
  readonly print: (line: string) => void
}

/**
 * Compares, prints a line for each peer, and gives the exit code: 0 when somebody told a digest and
 * all who did told ours, else 1. Nobody is not everybody: a comparison with nobody is no success.
 */
export async function verify({ config, code, connected, print }: VerifyOptions): Promise<0 | 1> {
  const addresses = [...config.knownPeers, ...(await connected()).flatMap(toAddress)]
  const { atHome, peers } = await probePeers(config, addresses)
  const others = firstNames(peers.filter(({ isOurs }) => !isOurs))
  const rows = others.map(({ address, visit }) => ({ subject: `${address}`, visit }))
  // It is no news that our own node runs our code; that it does not, is.
  const own: Probe = { kind: 'answered', identity: ownIdentity(config, atHome) }
  if (compare(own, code).kind === 'other') {
    rows.unshift({ subject: 'this node, running', visit: own })
  }
  print(`this code: ${code === '' ? 'not known, it did not come from a file' : code}`)
  const columns = Math.max(0, ...rows.map(({ subject }) => subject.length))
  const counts = { same: 0, other: 0, silent: 0 }
  for (const { subject, visit } of rows) {
    const { kind, text } = compare(visit, code)
    counts[kind] += 1
    print(printable(`${subject.padEnd(columns)}  ${text}`))
  }
  print(summaryOf(counts))
  return counts.same > 0 && counts.other === 0 ? 0 : 1
}

/** Without those that turned out to be another name of one before them. */
function firstNames(peers: readonly ProbedPeer[]): readonly ProbedPeer[] {
  const ids = new Set<MeshId>()
  return peers.filter(({ visit }) => {
    const id = visit.kind === 'answered' ? visit.identity?.id : undefined
    if (id === undefined) return true
    const isFirst = !ids.has(id)
    ids.add(id)
    return isFirst
  })
}

interface Comparison {
  readonly kind: 'same' | 'other' | 'silent'
  readonly text: string
}

function compare(visit: Probe, code: string): Comparison {
  if (visit.kind === 'failed') {
    return { kind: 'silent', text: `cannot be asked: ${visit.reason}` }
  }
  const theirs = visit.identity?.code ?? ''
  if (theirs === '') return { kind: 'silent', text: 'does not tell' }
  if (theirs === code) return { kind: 'same', text: 'same code' }
  return { kind: 'other', text: `other code: ${theirs}` }
}

type Counts = Readonly<Record<Comparison['kind'], number>>

function summaryOf({ same, other, silent }: Counts): string {
  const rest = silent === 0 ? '' : `, ${silent} did not tell`
  if (same + other === 0) return `nobody to compare with${rest}`
  if (other === 0) return `same code on ${same} of ${same}${rest}`
  return `other code on ${other} of ${same + other}${rest}`
}

function toAddress(text: string): readonly Address[] {
  const parsed = parseAddress(text)
  return parsed.kind === 'address' ? [parsed.address] : []
}
