/**
 * The known peers of a node: addresses, which the core dials without end, and sources, which are
 * asked for addresses. The operator adds and removes both.
 */

import { readKnownPeer } from '../config/known-peers.ts'
import { ask } from '../discovery/ask.ts'
import { Discovery, type SourceReport } from '../discovery/discovery.ts'
import { Lan } from '../discovery/lan.ts'
import type { LanMesh } from '../discovery/lan-packet.ts'
import { SOURCES_MAX } from '../discovery/limits.ts'
import { LAN_SOURCE, type Source } from '../discovery/source.ts'
import { NodeError } from '../errors/node-error.ts'
import type { Driver } from '../io/driver.ts'
import type { NameLookup } from '../io/name-lookup.ts'
import type { NodeEvent } from '../log/events.ts'
import type { Address } from '../mesh/address/address.ts'
import { admitsAddress, learnedPolicyFor } from '../mesh/address/scope.ts'
import type { MeshEvent } from '../mesh/events.ts'
import { BOOK_ADDRESSES_MAX } from '../mesh/limits.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { BootstrapWatch } from './bootstrap-watch.ts'

export interface KnownPeersOptions {
  readonly mesh: Pick<Mesh, 'knownPeers' | 'connectedAddresses' | 'spellingsOf'>
  readonly driver: Pick<Driver, 'addPeer' | 'forget' | 'sourceAnswered' | 'removeSource'>
  readonly names: Pick<NameLookup, 'findNow'>
  readonly sources: readonly Source[]
  /** Where other nodes dial this one. */
  readonly ownAddress: Address
  /** What the node announces itself as on the LAN, as it is now. */
  readonly lanMesh: () => LanMesh
  readonly report: (event: NodeEvent) => void
}

export class KnownPeers {
  readonly #options: KnownPeersOptions
  readonly #discovery: Discovery
  readonly #bootstrapWatch = new BootstrapWatch(() => this.list)

  constructor(options: KnownPeersOptions) {
    const { driver, lanMesh, names, ownAddress, sources } = options
    const policy = learnedPolicyFor(ownAddress)
    const ips = (name: string, timeoutMs: number) => names.findNow(name, timeoutMs)
    const lan = new Lan({
      ownAddress,
      mesh: lanMesh,
      onAnswer: (answer) => this.#discovery.answered(LAN_SOURCE.text, answer),
    })
    this.#options = options
    this.#discovery = new Discovery(sources, {
      ask: (source, signal) =>
        source.kind === 'lan' ? lan.ask(signal) : ask(source, { ips }, signal),
      admits: (address) => admitsAddress(policy, address),
      onAddresses: (source, addresses) => driver.sourceAnswered(source, addresses),
      onReport: (report, isNews) => this.#onReport(report, isNews),
      random: Math.random,
    })
  }

  /** The addresses without the node's own, then the sources. */
  get list(): readonly string[] {
    return [...this.#options.mesh.knownPeers, ...this.#discovery.sources]
  }

  /** What each source gave last. */
  reports(): readonly SourceReport[] {
    return this.#discovery.reports()
  }

  /** Begins to ask the sources. */
  start(): void {
    this.#discovery.start()
  }

  /** Asks no source any more. Idempotent. */
  close(): void {
    this.#discovery.close()
  }

  /** @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is none, or one too many */
  add(text: string): void {
    const { driver, mesh } = this.#options
    const peer = readKnownPeer(text)
    if (peer.kind === 'source') {
      assertRoom(this.#discovery.sources, peer.source.text, SOURCES_MAX, 'names to look up')
      return this.#discovery.add(peer.source)
    }
    assertRoom([...mesh.knownPeers], peer.address, BOOK_ADDRESSES_MAX, 'known peers')
    driver.addPeer(peer.address)
  }

  /**
   * Removes a source, or a peer under all its addresses. Returns the addresses under which it was
   * remembered.
   *
   * @throws {NodeError} CONFIG_KNOWN_PEERS_INVALID when it is none, PEER_CONNECTED
   */
  forget(text: string): readonly string[] {
    const { driver, mesh } = this.#options
    const peer = readKnownPeer(text)
    if (peer.kind === 'source') {
      const { text: source } = peer.source
      if (!this.#discovery.remove(source)) return []
      driver.removeSource(source)
      return [source]
    }
    const { address } = peer
    const spellings = mesh.spellingsOf(address)
    const [target = address] = spellings
    if (mesh.connectedAddresses.has(target)) {
      const name = target === address ? address : `${address}, that is ${target},`
      const message = `${name} is connected, and would connect again; stop that node first`
      throw new NodeError('PEER_CONNECTED', message, { exitCode: 1 })
    }
    driver.forget(address)
    return spellings
  }

  observe(event: MeshEvent): void {
    if (this.#bootstrapWatch.observe(event)) this.#reportNoAnswer()
  }

  #onReport({ source, asked, found, problem }: SourceReport, isNews: boolean): void {
    const { report } = this.#options
    if (isNews) report({ kind: 'source-answered', source, found, problem })
    if (this.#bootstrapWatch.asked(source, asked)) this.#reportNoAnswer()
  }

  #reportNoAnswer(): void {
    this.#options.report({ kind: 'no-answer-yet', knownPeers: this.list })
  }
}

function assertRoom(list: readonly string[], text: string, max: number, what: string): void {
  if (list.length < max || list.includes(text)) return
  const message = `${text} was not added: there are ${max} ${what} already, the maximum; forget others first`
  throw new NodeError('CONFIG_KNOWN_PEERS_INVALID', message)
}
