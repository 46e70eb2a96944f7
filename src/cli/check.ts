/**
 * `check`: looks over the files of a node, tries each known peer once, and says of each what is
 * wrong. Changes nothing and starts no node.
 */

import type { Config } from '../config/config.ts'
import type { Probe } from '../io/probe.ts'
import { printable, quoted } from '../log/printable.ts'
import { parseAddress } from '../mesh/address/address.ts'
import { admitsAddress, learnedPolicyFor } from '../mesh/address/scope.ts'
import type { Identity, MeshId } from '../wire/headers.ts'
import { ownIdentity, type ProbedPeer, probePeers } from './peer-probe.ts'

/** What was found about something, in words. */
interface Finding {
  readonly isWell: boolean
  readonly subject: string
  readonly text: string
}

/** What `check` needs. */
export interface CheckOptions {
  readonly config: Config
  /** The digest of this code, or empty when it is not known. */
  readonly code: string
  readonly print: (line: string) => void
}

/** Checks, prints a line for each finding, and gives the exit code: 0 when all is well, else 1. */
export async function check({ config, code, print }: CheckOptions): Promise<0 | 1> {
  const { atHome, peers } = await probePeers(config, config.knownPeers)
  const met = new Map<MeshId, ProbedPeer>()
  const ofPeers = peers.map((peer): Finding => {
    const id = peer.visit.kind === 'answered' ? peer.visit.identity?.id : undefined
    const before = id === undefined ? undefined : met.get(id)
    if (id !== undefined && before === undefined) met.set(id, peer)
    return { subject: peer.address, ...judgePeer(peer, { config, code, before }) }
  })
  const findings = [
    ...ofFiles(config),
    { subject: 'this node', ...judgeHome(atHome, { config, code }) },
    ...ofPeers,
  ]
  const columns = Math.max(...findings.map(({ subject }) => subject.length))
  for (const { isWell, subject, text } of findings) {
    print(printable(`${isWell ? 'ok     ' : 'problem'}  ${subject.padEnd(columns)}  ${text}`))
  }
  const problems = findings.filter(({ isWell }) => !isWell).length
  print(problems === 0 ? 'all is well' : problems === 1 ? '1 problem' : `${problems} problems`)
  return problems === 0 ? 0 : 1
}

type Judgement = Omit<Finding, 'subject'>

function ofFiles({ port, address, mesh, knownPeers, knownPeersFile, warnings }: Config): Finding[] {
  const count = knownPeers.length === 1 ? '1 address' : `${knownPeers.length} addresses`
  return [
    {
      subject: '.env',
      ...well(`port ${port}, address ${address}, mesh ${mesh}`),
    },
    ...warnings.map((text) => ({ subject: '.env', ...problem(text) })),
    {
      subject: 'known-peers.json',
      ...well(knownPeersFile === 'missing' ? 'missing: the node waits to be dialed' : count),
    },
  ]
}

interface Own {
  readonly config: Config
  readonly code: string
}

/** What answers where the node of this folder should. */
function judgeHome(visit: Probe | undefined, { config, code }: Own): Judgement {
  if (visit === undefined) return well('listens where this machine cannot try it')
  if (visit.kind === 'failed') {
    if (visit.failure === 'refused') return well('does not run')
    return problem(`port ${config.port} answers, but not as a node: ${visit.reason}`)
  }
  const own = ownIdentity(config, visit)
  if (own !== undefined) {
    const other = otherCode(own, code)
    return other === undefined ? well('runs') : problem(`runs ${other}; restart it`)
  }
  const who = visit.identity === undefined ? 'a plain peer' : `the node ${nameOf(visit.identity)}`
  return problem(`port ${config.port} is in use by ${who}`)
}

function judgePeer(
  { address, visit, isOurs }: ProbedPeer,
  { config, code, before }: Own & { readonly before: ProbedPeer | undefined },
): Judgement {
  if (isOurs) return well('this node itself')
  if (visit.kind === 'failed') return problem(visit.reason)
  const { identity } = visit
  if (identity === undefined) return well('plain peer: it tells no code')
  if (identity.mesh !== config.mesh) {
    return problem(`another mesh: ${identity.mesh}, this node is in ${config.mesh}`)
  }
  const claimed = parseAddress(identity.address)
  if (claimed.kind === 'address' && claimed.address === config.address) {
    return problem(`says that it is ${claimed.address}, which is the address of this node`)
  }
  // By the address that it says it has, it judges which addresses of callers can be dialed.
  const policy = learnedPolicyFor(claimed.kind === 'address' ? claimed.address : address)
  if (!admitsAddress(policy, config.address)) {
    return problem(`will refuse this node, which says it is ${config.address}; set ADDRESS`)
  }
  const other = otherCode(identity, code)
  if (other !== undefined) return problem(other)
  if (before !== undefined) return well(`another name of ${before.address}`)
  return well(identity.code === '' || code === '' ? 'code not known' : 'same code')
}

function otherCode(identity: Identity | undefined, code: string): string | undefined {
  const theirs = identity?.code ?? ''
  if (theirs === '' || code === '' || theirs === code) return undefined
  return `other code: ${theirs.slice(0, DIGEST_CHARS)}…, this is ${code.slice(0, DIGEST_CHARS)}…`
}

/** How much of a digest is shown where it only has to be recognised. */
const DIGEST_CHARS = 8

function nameOf({ address, mesh }: Identity): string {
  return `${quoted(address)} of mesh ${mesh}`
}

function well(text: string): Judgement {
  return { isWell: true, text }
}

function problem(text: string): Judgement {
  return { isWell: false, text }
}
