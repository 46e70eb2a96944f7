/** The peers of a node for programs, made of the core's links and events. */

import { describeEnding } from '../log/log-messages.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Ending, MeshEvent } from '../mesh/events.ts'
import type { Link } from '../mesh/links/link.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { NodeData } from '../wire/node-data.ts'

/** A peer that a node is connected to, as it was at one moment. */
export interface Peer {
  /** Where it can be dialed, such as `ws://localhost:4001`. Identifies the peer. */
  readonly address: string
  /** Who opened the connection. */
  readonly dialedBy: 'us' | 'peer'
  /** Since when the node is connected to it. */
  readonly since: Date
  /**
   * 32 hex digits that it draws at each start, not verified; another id on the same address is
   * another process. Undefined for a plain peer: a program that sends only HANDSHAKE.
   */
  readonly id: string | undefined
  /** SHA-256 of its code as hex, as announced and not verified; undefined when not announced. */
  readonly code: string | undefined
  /**
   * What it tells of itself, any JSON of at most 1,024 bytes. `{}` when it tells nothing, and for
   * the moment between `peer-up` and its first message.
   */
  readonly data: NodeData
}

/** How the last connection with a peer ended. */
export interface PeerEnding {
  /** Who ended it: the peer or we with a close frame, or the network without one. */
  readonly by: 'peer' | 'us' | 'network'
  /**
   * The WebSocket close code, RFC 6455 §7.4; 1005 and 1006 when there was none. docs/PROTOCOL.md
   * lists those of nodes.
   */
  readonly code: number
  /** As the peer wrote it: any text. */
  readonly reason: string
  /** The same in words, on one line, safe to print. */
  readonly text: string
}

/** @internal */
export type PeerChange =
  | { readonly kind: 'up' | 'data'; readonly peer: Peer }
  | { readonly kind: 'down'; readonly peer: Peer; readonly ending: PeerEnding }

/** The peers of one node. For each, up and down alternate. @internal */
export class Peers {
  readonly #mesh: Pick<Mesh, 'linkTo' | 'dataOf'>
  /** As they were told of last, in the order in which they joined. */
  readonly #up = new Map<Address, Peer>()

  constructor(mesh: Pick<Mesh, 'linkTo' | 'dataOf'>) {
    this.#mesh = mesh
  }

  /** The peers that are connected now, in the order in which they joined. */
  list(): readonly Peer[] {
    return [...this.#up].flatMap(([address, { since }]) => {
      const link = this.#mesh.linkTo(address)
      return link === undefined ? [] : [peerOf(address, link, since, this.#mesh.dataOf(address))]
    })
  }

  /** The change that an event of the core is, if any. */
  observe(event: MeshEvent): PeerChange | undefined {
    if (event.kind === 'peer-left') return this.#down(event.address, event.ending)
    if (event.kind === 'peer-data') return this.#told(event.address, event.data)
    if (event.kind !== 'peer-joined') return undefined
    const link = this.#mesh.linkTo(event.address)
    // The core may have closed the link again before it reports it.
    if (link === undefined) return undefined
    const peer = peerOf(event.address, link, new Date(), {})
    this.#up.set(event.address, peer)
    return { kind: 'up', peer }
  }

  /** All peers go down when the node stops, for which the core reports no events. */
  clear(ending: Ending): readonly PeerChange[] {
    return [...this.#up.keys()].flatMap((address) => this.#down(address, ending) ?? [])
  }

  #told(address: Address, data: NodeData): PeerChange | undefined {
    const before = this.#up.get(address)
    if (before === undefined) return undefined
    const peer = { ...before, data }
    this.#up.set(address, peer)
    return { kind: 'data', peer }
  }

  #down(address: Address, ending: Ending): PeerChange | undefined {
    const peer = this.#up.get(address)
    if (peer === undefined) return undefined
    this.#up.delete(address)
    return { kind: 'down', peer, ending: { ...ending, text: describeEnding(ending) } }
  }
}

function peerOf(
  address: string,
  { identity, origin }: Readonly<Link>,
  since: Date,
  data: NodeData,
): Peer {
  return {
    address,
    dialedBy: origin.kind === 'dialed' ? 'us' : 'peer',
    since,
    id: identity?.id,
    code: identity?.code || undefined,
    data,
  }
}
