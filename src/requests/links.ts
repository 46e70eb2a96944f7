/** The links of peers that take requests, and what each socket was given and has not taken. */

import type { LinkId } from '../wire/link-facts.ts'
import { WINDOW_CHARS } from './limits.ts'
import type { Order } from './outputs.ts'

interface Link {
  readonly peer: string
  isVerified: boolean
  /** Characters that its socket has not taken. */
  untaken: number
}

export class Links {
  readonly #order: Order
  readonly #links = new Map<LinkId, Link>()

  constructor(order: Order) {
    this.#order = order
  }

  opened(link: LinkId, peer: string, isVerified: boolean): void {
    this.#links.set(link, { peer, isVerified, untaken: 0 })
  }

  verified(link: LinkId): void {
    const found = this.#links.get(link)
    if (found !== undefined) found.isVerified = true
  }

  /** The peer of a link that is gone; undefined when it had none here. */
  closed(link: LinkId): string | undefined {
    const found = this.#links.get(link)
    this.#links.delete(link)
    return found?.peer
  }

  taken(link: LinkId, chars: number): void {
    const found = this.#links.get(link)
    if (found !== undefined) found.untaken -= chars
  }

  peerOf(link: LinkId): string | undefined {
    return this.#links.get(link)?.peer
  }

  /** Which link of a peer to use: a verified one, else the one that opened first. */
  to(peer: string): LinkId | undefined {
    let best: LinkId | undefined
    for (const [link, one] of this.#links) {
      if (one.peer !== peer) continue
      if (one.isVerified) return link
      best ??= link
    }
    return best
  }

  /** Whether the socket of a link is to be given more. */
  hasRoom(link: LinkId): boolean {
    const found = this.#links.get(link)
    return found !== undefined && found.untaken < WINDOW_CHARS
  }

  send(link: LinkId, text: string): void {
    const found = this.#links.get(link)
    if (found === undefined) return
    found.untaken += text.length
    this.#order({ kind: 'send', link, text })
  }
}
