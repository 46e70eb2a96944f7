/**
 * `check`: checks the files of a node, tries each known peer and each peer of the running node
 * once, and compares its code. Changes nothing and starts no node. Peers tell their code
 * themselves: that shows a mix-up, not malice.
 */

import type { Config } from '../config/config.ts'
import { NodeError } from '../errors/node-error.ts'
import { type Probe, probeAll } from '../io/probe.ts'
import { printable, quoted } from '../log/printable.ts'
import { type Address, parseAddress } from '../mesh/address/address.ts'
import { admitsAddress, learnedPolicyFor } from '../mesh/address/scope.ts'
import type { Identity, MeshId } from '../wire/headers.ts'
import { localEndpoint, ownSpellings } from './local-endpoint.ts'
import { askRunningNode } from './status/running-node.ts'

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
  /** How this program is called, for messages. */
  readonly program: string
  readonly print: (line: string) => void
}

/** Checks, prints a line for each finding, and gives the exit code: 0 when all is well, else 1. */
export async function check({ config, code, program, print }: CheckOptions): Promise<0 | 1> {
  const connected = await connectedAddresses(config, program)
  const endpoint = localEndpoint(config)
  const addresses = new Set([
    ...config.knownPeers,
    ...(connected instanceof NodeError ? [] : connected),
  ])
  const all = [...(endpoint === undefined ? [] : [endpoint]), ...addresses]
  const visits = await probeAll(all, config.timings.dialTimeoutMs)
  const home = endpoint === undefined ? undefined : visits.get(endpoint)
  const findings = [
    ...ofFiles(config),
    ...ofHome(home, { config, code, connected }),
    ...ofPeers(addresses, visits, { config, code, ownId: ownIdentity(config, home)?.id }),
  ]
  const columns = Math.max(...findings.map(({ subject }) => subject.length))
  for (const { isWell, subject, text } of findings) {
    print(printable(`${isWell ? 'ok     ' : 'problem'}  ${subject.padEnd(columns)}  ${text}`))
  }
  const problems = findings.filter(({ isWell }) => !isWell).length
  print(problems === 0 ? 'all is well' : problems === 1 ? '1 problem' : `${problems} problems`)
  return problems === 0 ? 0 : 1
}

/** The peers of the running node, or the error when it gives none. */
async function connectedAddresses(
  config: Config,
  program: string,
): Promise<readonly Address[] | NodeError> {
  try {
    const { status } = await askRunningNode(config, program)
    return status.peers.flatMap(({ state, address }) => {
      const parsed = parseAddress(address)
      return state === 'connected' && parsed.kind === 'address' ? [parsed.address] : []
    })
  } catch (error) {
    if (error instanceof NodeError) return error
    throw error
  }
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

/** What answers where the node of this folder listens, and this code. */
function ofHome(
  home: Probe | undefined,
  { config, code, connected }: Own & { readonly connected: readonly Address[] | NodeError },
): Finding[] {
  const own = ownIdentity(config, home)
  const isHidden = own !== undefined && connected instanceof NodeError
  const ofStatus = isHidden ? [problem(`its peers cannot be checked: ${connected.message}`)] : []
  const ofCode = code === '' ? [problem('its digest is unknown, so it cannot be compared')] : []
  return [
    ...[judgeHome(home, { config, code }), ...ofStatus].map((judgement) => ({
      subject: 'this node',
      ...judgement,
    })),
    ...ofCode.map((judgement) => ({ subject: 'this code', ...judgement })),
  ]
}

function judgeHome(home: Probe | undefined, { config, code }: Own): Judgement {
  if (home === undefined) return well('listens where this machine cannot try it')
  if (home.kind === 'failed') {
    if (home.failure === 'refused') return well('does not run')
    return problem(`port ${config.port} answers, but not as a node: ${home.reason}`)
  }
  const own = ownIdentity(config, home)
  if (own !== undefined) {
    const other = otherCode(own, code)
    return other === undefined ? well('runs') : problem(`runs ${other}; restart it`)
  }
  const who = home.identity === undefined ? 'a plain peer' : `the node ${nameOf(home.identity)}`
  return problem(`port ${config.port} is in use by ${who}`)
}

/** The identity that answered where our node listens, when it is that of our node. */
function ownIdentity({ address, mesh }: Config, home: Probe | undefined): Identity | undefined {
  const identity = home?.kind === 'answered' ? home.identity : undefined
  return identity?.address === address && identity.mesh === mesh ? identity : undefined
}

/** A finding for each known peer, and for each other peer that is none of them by another name. */
function ofPeers(
  addresses: ReadonlySet<Address>,
  visits: ReadonlyMap<Address, Probe>,
  { config, code, ownId }: Own & { readonly ownId: MeshId | undefined },
): Finding[] {
  const spellings = ownSpellings(config)
  const firstOf = new Map<MeshId, Address>()
  return [...addresses].flatMap((address): Finding[] => {
    const visit = visits.get(address)
    if (visit === undefined) return []
    const id = visit.kind === 'answered' ? visit.identity?.id : undefined
    const isKnown = config.knownPeers.includes(address)
    if (spellings.has(address) || (id !== undefined && id === ownId)) {
      return [{ subject: address, ...well('this node itself') }]
    }
    const first = id === undefined ? undefined : firstOf.get(id)
    if (first !== undefined && !isKnown) return []
    if (id !== undefined && first === undefined) firstOf.set(id, address)
    return [{ subject: address, ...judgePeer(address, visit, { config, code, first }) }]
  })
}

function judgePeer(
  address: Address,
  visit: Probe,
  { config, code, first }: Own & { readonly first: Address | undefined },
): Judgement {
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
  // Which addresses a node dials depends on the address that it has itself.
  const policy = learnedPolicyFor(claimed.kind === 'address' ? claimed.address : address)
  if (!admitsAddress(policy, config.address)) {
    return problem(`will refuse this node, which says it is ${config.address}; set ADDRESS`)
  }
  const other = otherCode(identity, code)
  if (other !== undefined) return problem(other)
  if (first !== undefined) return well(`another name of ${first}`)
  return well(identity.code === '' || code === '' ? 'code not known' : 'same code')
}

function otherCode(identity: Identity | undefined, code: string): string | undefined {
  const theirs = identity?.code ?? ''
  if (theirs === '' || code === '' || theirs === code) return undefined
  return `other code: ${theirs.slice(0, DIGEST_CHARS)}…, this is ${code.slice(0, DIGEST_CHARS)}…`
}

/** Enough to recognise a digest. */
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
