/** What a node and its HTTP side are for each other. Types only: the library has them, too. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SourceReport } from '../discovery/discovery.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Counters } from '../mesh/counters.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { Overview } from '../mesh/overview.ts'
import type { MessageTotals } from '../pubsub/outputs.ts'
import type { RequestTotals } from '../requests/outputs.ts'
import type { Identity } from '../wire/headers.ts'
import type { FollowersOptions } from './followers.ts'
import type { Publish } from './publications.ts'
import type { AskPeer } from './questions.ts'
import type { OwnEndpoint } from './request-authorization.ts'

/** What keeps others out of a link. @internal */
export interface LinkSecurity {
  readonly encrypted: boolean
  /** The fingerprint of the secret that the peer has proven; null for none. */
  readonly key: string | null
}

/** What a node gives its HTTP side. @internal */
export interface SiteFacts {
  readonly identity: Identity
  /** The host names under which it is reached. */
  readonly endpoint: OwnEndpoint
  /** A request is refused: why, and the fix. Can come often. */
  readonly onRefused: (reason: string) => void
  /** The state of the core. Not called before the first request. */
  readonly overview: () => Overview
  /** What the core has counted. */
  readonly counters: () => Counters
  /** What is counted of messages. */
  readonly messages: () => MessageTotals
  /** What is counted of requests. */
  readonly requests: () => RequestTotals
  /** The keys of the secret with their links; undefined without one. */
  readonly keys: () => readonly { readonly key: string; readonly links: number }[] | undefined
  /** The certificate of this node; undefined when it does not encrypt. */
  readonly certificate: () => { readonly hash: string; readonly expiresMs: number } | undefined
  /** Of the link that is bound to an address. */
  readonly securityOf: (address: Address) => LinkSecurity
  /** Messages of this node that a peer has not been sent. */
  readonly lagOf: (peer: string) => number
  readonly topics: TopicFacts
  /** Links that have not proven the secret; undefined where they must. */
  readonly unproven: () => number | undefined
  /** Whether a text is the bearer token of the secret; undefined without one. */
  readonly isToken: ((text: string) => boolean) | undefined
  /** Asks a peer. */
  readonly ask: AskPeer
  /** How many entries each table of the core holds, by its name. */
  readonly sizes: () => Readonly<Record<string, number>>
  /** What each source of addresses gave last. */
  readonly sources: () => readonly SourceReport[]
  /** Requests the links of all peers. */
  readonly survey: () => void
  /** Makes an address a known peer. @throws {NodeError} when it is none */
  readonly addPeer: (address: string) => void
  /**
   * Removes a peer, and returns the addresses by which it was remembered.
   *
   * @throws {NodeError} when it is no address, or PEER_CONNECTED
   */
  readonly forget: (address: string) => readonly string[]
}

/** What clients publish and follow. @internal */
export interface TopicFacts extends Omit<FollowersOptions, 'run' | 'keepAliveMs'> {
  readonly publish: Publish
}

/** The HTTP side of a node. @internal */
export interface NodeSite {
  /** Takes every event of the mesh. */
  observe(event: MeshEvent): void
  /** There may be new messages. */
  wake(): void
  /** Answers a request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Ends the requests under way, most of them with an answer; no others follow. */
  close(): void
}
