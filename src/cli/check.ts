/**
 * `check`: checks the files of a node, tries its own address, each known peer, what each name in
 * DNS leads to, and each peer of the running node once, and compares its code. Changes nothing and
 * starts no node. The digest that a peer announces is not verified: the comparison detects
 * mistakes, not malice.
 */

import type { Config } from '../config/config.ts'
import { localEndpoint, ownSpellings } from '../config/listening.ts'
import { type Answer, ask } from '../discovery/ask.ts'
import { LAN_SOURCE, type NameSource } from '../discovery/source.ts'
import type { Status } from '../http/status.ts'
import { NameLookup } from '../io/name-lookup.ts'
import { type Probe, probeAll } from '../io/probe.ts'
import { suggestedAddress } from '../io/suggested-address.ts'
import { printable, quoted } from '../log/printable.ts'
import { type Address, hostOf, loopbackSpellings, parseAddress } from '../mesh/address/address.ts'
import { admitsAddress, learnedPolicyFor } from '../mesh/address/scope.ts'
import { SOURCE_ADDRESSES_MAX } from '../mesh/limits.ts'
import { type Identity, type MeshId, parseMeshId } from '../wire/headers.ts'
import { problemWithFolder } from './data-folder.ts'
import { missingAddress } from './missing-address.ts'
import { openLan } from './open-lan.ts'
import { requestStatus, statusOrProblem } from './status/status-request.ts'

interface Finding {
  readonly kind: 'ok' | 'warning' | 'problem'
  readonly subject: string
  readonly text: string
}

export interface CheckOptions {
  readonly config: Config
  /** The digest of this code; empty when it cannot be determined. */
  readonly code: string
  readonly program: string
  readonly print: (line: string) => void
}

type Own = Pick<CheckOptions, 'config' | 'code'>

/** Prints a line for each finding, and gives the exit code: 0 when there is no problem, else 1. */
export async function check({ print, ...options }: CheckOptions): Promise<0 | 1> {
  const findings = await findingsOf(options)
  const columns = Math.max(...findings.map(({ subject }) => subject.length))
  for (const { kind, subject, text } of findings) {
    print(printable(`${kind.padEnd('problem'.length)}  ${subject.padEnd(columns)}  ${text}`))
  }
  const problems = findings.filter(({ kind }) => kind === 'problem').length
  print(problems === 0 ? 'no problems' : problems === 1 ? '1 problem' : `${problems} problems`)
  return problems === 0 ? 0 : 1
}

async function findingsOf({ config, code, program }: Omit<CheckOptions, 'print'>) {
  const own = { config, code }
  const status = await statusOrProblem(async () => (await requestStatus(config, program)).status)
  const connected = typeof status === 'string' ? [] : connectedIn(status)
  const answers = await askAll(config)
  const named = answers.flatMap(([, { addresses }]) => addresses.slice(0, SOURCE_ADDRESSES_MAX))
  const peers = new Set([...config.knownPeers, ...connected, ...named])
  const endpoint = localEndpoint(config)
  const all = [...(endpoint === undefined ? [] : [endpoint]), config.address, ...peers]
  const probes = await probeAll(all, config.timings.dialTimeoutMs, { ...config, endpoint })
  const ownProbe = endpoint && probes.get(endpoint)
  const running = ownIdentity(config, ownProbe)
  const isUntested = endpoint === undefined && typeof status !== 'string'
  const id = isUntested ? parseMeshId(status.node.id) : running?.id
  const ofAddress = await ofOwnAddress(probes.get(config.address), id, config)
  const missing = await missingAddress(config)
  const findings = [
    ...ofFiles(config),
    ...ofData(config),
    ...(missing === undefined ? [] : [problem('.env', missing)]),
    ofOwnProbe(ownProbe, own),
    ...ofAddress,
    ...answers.map(ofName),
    ...ofLan(config, status),
  ]
  if (typeof status !== 'string') findings.push(...ofCertificate(status))
  if (running !== undefined && typeof status === 'string') {
    findings.push(problem('this node', `its peers cannot be checked: ${status}`))
  }
  if (code === '') {
    findings.push(problem('this code', 'its digest is unknown, so it cannot be compared'))
  }
  // Whose it is was told already.
  if (ofAddress.some(({ kind }) => kind === 'problem')) peers.delete(config.address)
  return [...findings, ...ofPeers(peers, probes, id, own)]
}

/**
 * Judges what answers at the address that this node announces. A node that does not run leaves no
 * id to compare with: then whatever answers there is another program.
 */
async function ofOwnAddress(
  probe: Probe | undefined,
  id: MeshId | undefined,
  config: Config,
): Promise<readonly Finding[]> {
  const { address } = config
  const loopback = loopbackSpellings(config.port, new URL(address).protocol.slice(0, -1))
  // On loopback with its own port, it leads to where the node listens.
  if (probe === undefined || loopback.includes(address)) return []
  if (probe.kind === 'failed') {
    if (id === undefined) return []
    const text = `${probe.reason}; peers may reach it, if only this machine cannot (NAT)`
    return [{ kind: 'warning', subject: address, text }]
  }
  const { identity } = probe
  if (identity !== undefined && identity.id === id) return [ok(address, 'leads to this node')]
  const who = identity ? `another node, of mesh ${identity.mesh}` : 'a plain peer, not to this node'
  const fix = `set ADDRESS=${await suggestedAddress(config, hostOf(address))}`
  return [problem(address, `the address of this node leads to ${who}; ${fix}`)]
}

async function askAll({ sources }: Config): Promise<(readonly [NameSource, Answer])[]> {
  const names = new NameLookup()
  const ips = (name: string, timeoutMs: number) => names.findNow(name, timeoutMs)
  const { signal } = new AbortController()
  const answers = sources
    .filter((source) => source.kind !== 'lan')
    .map(async (source) => [source, await ask(source, { ips }, signal)] as const)
  return Promise.all(answers)
}

function ofName([{ text }, { addresses, problem: why }]: readonly [NameSource, Answer]): Finding {
  if (why !== undefined) return problem(text, `${why}; a running node asks again`)
  return ok(text, countOf(addresses))
}

/** Others announce themselves each half minute: only a running node can tell what came. */
function ofLan(config: Config, status: Status | string): readonly Finding[] {
  if (!config.sources.includes(LAN_SOURCE)) return []
  const { text: subject } = LAN_SOURCE
  const text = openLan(config)
  const open: readonly Finding[] = text === undefined ? [] : [{ kind: 'warning', subject, text }]
  const reports = typeof status === 'string' ? [] : status.sources
  const report = reports.find(({ source }) => source === subject)
  if (report === undefined) return [...open, ok(subject, 'a node announces itself while it runs')]
  const { found, problem: why } = report
  return [...open, why === null ? ok(subject, countOf({ length: found })) : problem(subject, why)]
}

function countOf({ length }: { readonly length: number }): string {
  return length === 1 ? '1 address' : `${length} addresses`
}

function connectedIn({ peers }: Status): readonly Address[] {
  return peers.flatMap(({ state, address }) => {
    const parsed = parseAddress(address)
    return state === 'connected' && parsed.kind === 'address' ? [parsed.address] : []
  })
}

function ofFiles(config: Config): Finding[] {
  const { port, address, mesh, knownPeers, sources, knownPeersFile, warnings } = config
  const count = [countOf(knownPeers), ...sources.map(({ text }) => text)].join(', ')
  const isMissing = knownPeersFile === 'missing' && knownPeers.length + sources.length === 0
  return [
    ok('.env', `port ${port}, address ${address}, mesh ${mesh}`),
    ...warnings.map((text) => problem('.env', text)),
    ok(placeOfPeers(config), isMissing ? 'missing: the node waits to be dialed' : count),
  ]
}

/** What has the known peers. */
function placeOfPeers({ knownPeersFile, knownPeersSet }: Config): string {
  if (knownPeersSet.length === 0) return 'known-peers.json'
  return knownPeersFile === 'missing' ? 'KNOWN_PEERS' : 'known peers'
}

/** Where messages are stored, if they are. */
function ofData({ messages: { folder } }: Config): readonly Finding[] {
  if (folder === undefined) return []
  const text = problemWithFolder(folder)
  return [text === undefined ? ok('DATA', folder) : problem('DATA', text)]
}

/** That of the running node, if it encrypts. One that ended is for those who ask an authority. */
function ofCertificate({ node: { certificate } }: Status): readonly Finding[] {
  if (certificate === null) return []
  const { sha256, expiresAt } = certificate
  const text = `${sha256.slice(0, DIGEST_CHARS)}…, until ${expiresAt}`
  const isOver = Date.parse(expiresAt) < Date.now()
  return [isOver ? problem('certificate', `${text}; renew it`) : ok('certificate', text)]
}

/** Judges the program that listens where the node of this folder does. */
function ofOwnProbe(probe: Probe | undefined, { config, code }: Own): Finding {
  const subject = 'this node'
  if (probe === undefined) return ok(subject, 'cannot be tested from this machine')
  if (probe.kind === 'failed') {
    if (probe.failure === 'refused') return ok(subject, 'not running')
    const isOther = probe.failure === 'not-mesh'
    const how = isOther ? 'answers, but not as a node' : 'is in use, and cannot be joined'
    return problem(subject, `port ${config.port} ${how}: ${probe.reason}`)
  }
  const own = ownIdentity(config, probe)
  if (own !== undefined) {
    const difference = codeDifference(own, code)
    if (difference === undefined) return ok(subject, 'running')
    return problem(subject, `runs ${difference}; restart it`)
  }
  const { identity } = probe
  const name = identity && `the node ${quoted(identity.address)} of mesh ${identity.mesh}`
  return problem(subject, `port ${config.port} is in use by ${name ?? 'a plain peer'}`)
}

/** The identity that answered where our node listens, when it is that of our node. */
function ownIdentity({ address, mesh }: Config, probe: Probe | undefined): Identity | undefined {
  const identity = probe?.kind === 'answered' ? probe.identity : undefined
  return identity?.address === address && identity.mesh === mesh ? identity : undefined
}

/** A finding for each known peer, and for each other peer that is none of them by another name. */
function ofPeers(
  addresses: ReadonlySet<Address>,
  probes: ReadonlyMap<Address, Probe>,
  ownId: MeshId | undefined,
  { config, code }: Own,
): Finding[] {
  const spellings = ownSpellings(config)
  const firstOf = new Map<MeshId, Address>()
  return [...addresses].flatMap((address): Finding[] => {
    const probe = probes.get(address)
    if (probe === undefined) return []
    const id = probe.kind === 'answered' ? probe.identity?.id : undefined
    if (spellings.includes(address) || (id !== undefined && id === ownId)) {
      return [ok(address, 'this node itself')]
    }
    const first = id === undefined ? undefined : firstOf.get(id)
    if (first !== undefined && !config.knownPeers.includes(address)) return []
    if (id !== undefined && first === undefined) firstOf.set(id, address)
    return [ofPeer(address, probe, first, { config, code })]
  })
}

function ofPeer(
  subject: Address,
  probe: Probe,
  first: Address | undefined,
  { config, code }: Own,
): Finding {
  if (probe.kind === 'failed') {
    // DNS may still name what is gone.
    const isNamed = config.sources.length > 0 && !config.knownPeers.includes(subject)
    const pins = config.tlsPin === 'secret' && subject.startsWith('wss:')
    const text =
      probe.secret === 'differs' && pins
        ? `${probe.reason}, or a proxy encrypts (TLS_PIN=none)`
        : probe.reason
    return { kind: isNamed ? 'warning' : 'problem', subject, text }
  }
  const { identity } = probe
  if (identity === undefined) return ok(subject, 'plain peer: it announces no code digest')
  if (identity.mesh !== config.mesh) {
    return problem(subject, `another mesh: ${identity.mesh}, this node is in ${config.mesh}`)
  }
  const parsed = parseAddress(identity.address)
  const claimed = parsed.kind === 'address' ? parsed.address : undefined
  if (claimed === config.address) {
    return problem(subject, `announces address ${claimed}, which is the address of this node`)
  }
  // Which addresses a node dials depends on the address that it has itself.
  if (!admitsAddress(learnedPolicyFor(claimed ?? subject), config.address)) {
    const text = `will refuse this node, which announces address ${config.address}; set ADDRESS`
    return problem(subject, text)
  }
  const difference = codeDifference(identity, code)
  if (difference !== undefined) return problem(subject, difference)
  if (first !== undefined) return ok(subject, `another name of ${first}`)
  return ok(subject, identity.code === '' || code === '' ? 'code unknown' : 'same code')
}

function codeDifference({ code: theirs }: Identity, code: string): string | undefined {
  if (theirs === '' || code === '' || theirs === code) return undefined
  return `different code: ${theirs.slice(0, DIGEST_CHARS)}…, this is ${code.slice(0, DIGEST_CHARS)}…`
}

/** Enough to recognise a digest. */
const DIGEST_CHARS = 8

function ok(subject: string, text: string): Finding {
  return { kind: 'ok', subject, text }
}

function problem(subject: string, text: string): Finding {
  return { kind: 'problem', subject, text }
}
