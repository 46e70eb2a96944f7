/**
 * What nodes tell of themselves. Ours goes to all peers that carry messages, once it was set. Of
 * several links to an address, the one counts that is most surely that of the node there.
 */

import { encode } from '../../wire/codec.ts'
import { NO_DATA, type NodeData, parseNodeData } from '../../wire/node-data.ts'
import type { Address } from '../address/address.ts'
import type { CoreContext } from '../context.ts'
import type { LinkId } from '../inputs.ts'
import { NODE_DATA_PAUSE_MS, NODE_DATA_WAIT_MS } from '../limits.ts'
import { isDialedOnItsAddress, type Link, toldData } from '../links/link.ts'
import type { LinkTable } from '../links/link-table.ts'

export class PeerData {
  readonly #context: CoreContext
  readonly #links: LinkTable
  /** Ours, as text. */
  #own: string
  /** Whether it was ever set. Most nodes never do, and send nothing. */
  #isSet: boolean
  #sentMs = Number.NEGATIVE_INFINITY
  /** What counts of connected addresses, with the id of the node, unless that is nothing. */
  readonly #byAddress = new Map<Address, { readonly id: string; readonly text: string }>()

  constructor(context: CoreContext, links: LinkTable, own: string) {
    this.#context = context
    this.#links = links
    this.#own = own
    this.#isSet = own !== NO_DATA
  }

  get own(): NodeData {
    return parseNodeData(this.#own)
  }

  /** What the node at an address tells. */
  of(address: Address): NodeData {
    return parseNodeData(this.#byAddress.get(address)?.text ?? NO_DATA)
  }

  // --- Ours --------------------------------------------------------------------------------------

  set(text: string): void {
    if (text === this.#own) return
    const { nowMs, timers } = this.#context
    this.#own = text
    this.#isSet = true
    const dueMs = this.#sentMs + NODE_DATA_PAUSE_MS
    if (dueMs <= nowMs) this.send()
    else timers.set({ kind: 'own-data', subject: 'mesh' }, dueMs)
  }

  /** Sends it to all peers that carry messages. */
  send(): void {
    this.#sentMs = this.#context.nowMs
    this.#sendTo(this.#links.all())
  }

  #sendTo(links: Iterable<Link>): void {
    const text = encode({ type: 'NODE_DATA', data: this.own })
    for (const { id: link, identity } of links) {
      if (identity?.messages !== true) continue
      this.#context.order({ kind: 'send', link, type: 'NODE_DATA', text, canWait: false })
    }
  }

  // --- That of peers -----------------------------------------------------------------------------

  /** A link is bound to an address, and was sent HANDSHAKE. */
  opened(link: Link, address: Address): void {
    if (this.#isSet) this.#sendTo([link])
    this.#settle(address)
  }

  /** The peer of a link tells all of its data anew. */
  received(link: Link, data: NodeData): void {
    toldData(link, JSON.stringify(data))
    if (link.address !== undefined) this.#settle(link.address)
  }

  /** The peer of a link has had its time to tell, and has told nothing on it. */
  waited(id: LinkId): void {
    const address = this.#links.get(id)?.address
    if (address !== undefined) this.#settle(address, id)
  }

  /** A link that was bound to an address is gone. */
  ended(address: Address): void {
    this.#settle(address)
  }

  #settle(address: Address, waited?: LinkId): void {
    const before = this.#byAddress.get(address)
    const source = surest(this.#links.ofAddress(address))
    const id = source?.identity?.id
    if (source === undefined || id === undefined) {
      this.#byAddress.delete(address)
      return
    }
    if (source.data === undefined && before?.id === id && source.id !== waited) {
      // It follows HANDSHAKE at once; until then another link of the same node has told.
      const { nowMs, timers } = this.#context
      const timer = { kind: 'peer-data', subject: source.id } as const
      return timers.bringForward(timer, nowMs + NODE_DATA_WAIT_MS)
    }
    const text = source.data ?? NO_DATA
    if (text === NO_DATA) this.#byAddress.delete(address)
    else this.#byAddress.set(address, { id, text })
    if (text === (before?.text ?? NO_DATA)) return
    this.#context.report({ kind: 'peer-data', address, data: parseNodeData(text) })
  }
}

/**
 * An id is no secret, so what was reached on its address counts more than what names itself. Of
 * equals one that has told something: a stranger that is silent must not hide it.
 */
function surest(links: readonly Link[]): Link | undefined {
  return links.toSorted((a, b) => sureness(b) - sureness(a))[0]
}

function sureness(link: Link): number {
  const told = link.data === undefined ? 0 : 1
  if (isDialedOnItsAddress(link)) return 4 + told
  return link.verified ? 2 + told : told
}
