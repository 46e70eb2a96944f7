/** The peers of a node for programs, made of the core's links and events. */

import { describeEnding } from '../log/log-messages.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Ending, MeshEvent } from '../mesh/events.ts'
import type { Link } from '../mesh/links/link.ts'
import type { Mesh } from '../mesh/mesh.ts'

/** A peer that a node is connected to, as it was at one moment. */
export interface Peer {
  /** Where it can be dialed, such as `ws://localhost:4001`; equal texts mean equal peers. */
  readonly address: string
  /** Who opened the connection. */
  readonly dialedBy: 'us' | 'peer'
  /** Since when the node is connected to it. */
  readonly since: Date
  /**
   * 32 hex digits that it draws at each start, as it says; another id on the same address is
   * another process. Undefined for a plain peer: a program that speaks HANDSHAKE and nothing else.
   */
  readonly id: string | undefined
  /** SHA-256 of the code that it runs, as it says, as hex; undefined when it does not tell. */
  readonly code: string | undefined
}

/** How the last connection with a peer ended. */
export interface PeerEnding {
  /** Who ended it: the peer with a close frame, we, or nobody (the connection just broke). */
  readonly by: 'peer' | 'us' | 'network'
  /**
   * The WebSocket close code, RFC 6455 §7.4; 1005 and 1006 when there was none. docs/PROTOCOL.md
   * lists those of nodes.
   */
  readonly code: number
  /** As the peer wrote it, which can be anything. */
  readonly reason: string
  /** All of this in words, on one line, safe to print. */
  readonly text: string
}

/** A peer came or went. @internal */
export type PeerChange =
  | { readonly kind: 'up'; readonly peer: Peer }
  | { readonly kind: 'down'; readonly peer: Peer; readonly ending: PeerEnding }

/** The peers of one node. Each goes up and down in turn, beginning with up. @internal */
export class Peers {
  readonly #mesh: Pick<Mesh, 'linkTo'>
  /** Those that went up, as they were then, in the order in which they came. */
  readonly #up = new Map<Address, Peer>()

  constructor(mesh: Pick<Mesh, 'linkTo'>) {
    this.#mesh = mesh
  }

  /** Who is connected now, in the order in which they came. */
  list(): readonly Peer[] {
    return [...this.#up].flatMap(([address, { since }]) => {
      const link = this.#mesh.linkTo(address)
      return link === undefined ? [] : [peerOf(address, link, since)]
    })
  }

  /** The change that an event of the core is, if any. */
  observe(event: MeshEvent): PeerChange | undefined {
    if (event.kind === 'peer-left') return this.#down(event.address, event.ending)
    if (event.kind !== 'peer-joined') return undefined
    const link = this.#mesh.linkTo(event.address)
    // The core may have closed the link again before it reports it.
    if (link === undefined) return undefined
    const peer = peerOf(event.address, link, new Date())
    this.#up.set(event.address, peer)
    return { kind: 'up', peer }
  }

  /** All go down at once, for which the core reports no events. */
  clear(ending: Ending): readonly PeerChange[] {
    return [...this.#up.keys()].flatMap((address) => this.#down(address, ending) ?? [])
  }

  #down(address: Address, ending: Ending): PeerChange | undefined {
    const peer = this.#up.get(address)
    if (peer === undefined) return undefined
    this.#up.delete(address)
    return { kind: 'down', peer, ending: { ...ending, text: describeEnding(ending) } }
  }
}

function peerOf(address: string, { identity, origin }: Readonly<Link>, since: Date): Peer {
  return {
    address,
    dialedBy: origin.kind === 'dialed' ? 'us' : 'peer',
    since,
    id: identity?.id,
    code: identity?.code || undefined,
  }
}
