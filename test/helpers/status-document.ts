/** Status documents for tests to vary. */

import type { LinkStatus, PeerStatus, Status } from '../../src/http/status.ts'

/** When everything in it happened. */
export const STATUS_TIME = '2026-11-25T12:00:04.000Z'

/** A status of a node that is connected to these peers. */
export function aStatus(peers: readonly PeerStatus[] = [], more: Partial<Status> = {}): Status {
  return {
    format: 1,
    node: {
      address: 'ws://localhost:4001',
      id: 'a'.repeat(32),
      mesh: 'default',
      version: '0.1.0',
      runtime: 'Node.js 20.20.2',
      code: 'c0'.repeat(32),
      startedAt: STATUS_TIME,
      data: {},
      certificate: null,
    },
    complete: true,
    summary:
      peers.length === 0 ? 'no other node connected' : `all ${peers.length + 1} nodes connected`,
    keys: null,
    unproven: null,
    peers,
    sources: [],
    log: [
      {
        at: STATUS_TIME,
        text: 'ws://localhost:4002 joined',
        change: 'joined',
        address: 'ws://localhost:4002',
        close: null,
      },
    ],
    ...more,
  }
}

/** A peer, connected unless `more` has another state. */
export function aPeer(port: number, more: Partial<PeerStatus> = {}): PeerStatus {
  return {
    address: `ws://localhost:${port}`,
    known: true,
    state: 'connected',
    retryInMs: null,
    link: aLink(),
    connectedTo: ['ws://localhost:4001'],
    lastEnding: null,
    ...more,
  }
}

/** The link of a peer with our code. */
export function aLink(more: Partial<LinkStatus> = {}): LinkStatus {
  return {
    dialedBy: 'us',
    since: STATUS_TIME,
    roundTripMs: 1,
    silent: false,
    id: 'b'.repeat(32),
    runtime: 'Node.js 20.20.2',
    sameCode: true,
    messages: true,
    lag: 0,
    data: {},
    encrypted: false,
    key: null,
    ...more,
  }
}
