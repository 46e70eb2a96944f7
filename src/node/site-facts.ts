/** What a node gives its HTTP side. */

import type { SiteFacts } from '../http/site.ts'
import type { Driver } from '../io/driver.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { KnownPeers } from './known-peers.ts'
import type { MessageHub } from './message-hub.ts'
import type { Messenger } from './messenger.ts'
import type { NodeSecurity } from './node-security.ts'
import type { NodeRequests } from './requests.ts'

/** The parts of a node that answer. */
export interface SiteParts extends Pick<SiteFacts, 'identity' | 'endpoint'> {
  readonly node: Messenger
  readonly mesh: Mesh
  readonly hub: MessageHub
  readonly requests: NodeRequests
  readonly security: NodeSecurity
  readonly driver: Driver
  readonly knownPeers: KnownPeers
}

export function siteFacts(parts: SiteParts): SiteFacts {
  const { identity, endpoint, node, mesh, hub, requests, security } = parts
  const { driver, knownPeers } = parts
  const { proofs, tls } = security
  return {
    identity,
    endpoint,
    onRefused: (reason) => node.report({ kind: 'request-refused', reason }),
    overview: () => mesh.overview(monotonicMs()),
    counters: () => mesh.counters(),
    messages: () => hub.pubsub.totals(monotonicMs()),
    requests: () => requests.totals(),
    keys: () => security.usage(),
    unproven: () => security.unproven(),
    isToken: proofs && ((text) => proofs.isToken(text)),
    certificate: () => tls?.certificate,
    securityOf: (peer) => security.linkSecurity(driver.socketOf(mesh.linkTo(peer)?.id)),
    lagOf: (peer) => node.lag(peer).items,
    topics: hub.topicFacts((topic, body) => node.publish(topic, body)),
    ask: (...question) => requests.request(...question),
    sizes: () => mesh.sizes(),
    survey: () => driver.survey(),
    sources: () => knownPeers.reports(),
    addPeer: (peer) => knownPeers.add(peer),
    forget: (peer) => knownPeers.forget(peer),
  }
}
