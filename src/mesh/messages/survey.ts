/**
 * The survey: while the mesh is being watched, each peer is asked for its links, and we reply to
 * peers that ask. Only shown; decides nothing. Plain peers are never asked.
 */

import { encode } from '../../wire/codec.ts'
import type { MeshId } from '../../wire/headers.ts'
import type { Links } from '../../wire/messages.ts'
import type { AddressBook } from '../address/address-book.ts'
import type { Entry } from '../address/entry.ts'
import type { CoreContext } from '../context.ts'
import {
  ADDRESS_BYTES_MAX,
  LINKS_ASK_PAUSE_MS,
  LINKS_PAUSE_MS,
  LINKS_SHOWN_MS,
  LINKS_STRANGE_MAX,
  LINKS_TIMEOUT_MS,
  ROUND_TRIP_SHOWN_MS,
  RUNTIME_CHARS_MAX,
} from '../limits.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import type { Link } from '../links/link.ts'
import type { LinkTable } from '../links/link-table.ts'
import type { OutgoingHandshake } from '../links/outgoing-handshake.ts'

export interface SurveyOptions {
  /** What runs us, such as `Node.js 22.23.2`. */
  readonly runtime: string
  readonly book: AddressBook
  readonly links: LinkTable
  readonly connections: ConnectionTable
  readonly outgoingHandshake: OutgoingHandshake
}

/** What a peer reported of itself, its addresses as they came. */
export interface PeerReport {
  readonly runtime: string
  readonly revision: number
  readonly connected: readonly string[]
}

/** What was asked and reported on one link. */
interface Exchange {
  /** When we asked what is not answered yet. */
  askedMs: number | undefined
  /** When the last answer came that we had asked for. */
  answeredMs: number
  /** When the last answer came that was right. */
  reportedMs: number
  revision: number
  report: PeerReport | undefined
  /** When we replied last. */
  repliedMs: number
  roundTripAskedMs: number
}

export class Survey {
  readonly #context: CoreContext
  readonly #options: SurveyOptions
  readonly #byLink = new WeakMap<Link, Exchange>()
  /** The latest for each node in the address book, and which node it was. */
  readonly #latest = new WeakMap<Entry, { readonly from: MeshId; readonly exchange: Exchange }>()
  /** Our list as it was encoded last. */
  #list = { revision: 0, text: '' }

  constructor(context: CoreContext, options: SurveyOptions) {
    this.#context = context
    this.#options = options
  }

  /** Asks all peers whose answer is not awaited and is not too recent. */
  ask(): void {
    const { links, connections } = this.#options
    const { nowMs } = this.#context
    for (const link of links.all()) {
      if (link.identity === undefined || link.state !== 'ready') continue
      const exchange = this.#on(link)
      const { askedMs = Number.POSITIVE_INFINITY } = exchange
      const isOverdue = nowMs >= askedMs + LINKS_TIMEOUT_MS
      // A ping shows whether a peer without an answer is silent (isSilent in link.ts).
      if (isOverdue || nowMs >= exchange.roundTripAskedMs + ROUND_TRIP_SHOWN_MS) {
        exchange.roundTripAskedMs = nowMs
        connections.ping(link)
      }
      if (exchange.askedMs !== undefined && !isOverdue) continue
      if (nowMs < exchange.answeredMs + LINKS_ASK_PAUSE_MS) continue
      exchange.askedMs = nowMs
      const message = { type: 'LINKS_REQUEST', data: { have: exchange.revision } } as const
      this.#send(link, message.type, encode(message))
    }
  }

  /** A peer asks, and has our list of revision `have`. One that asks too often gets no reply. */
  reply(link: Link, have: number): void {
    const { nowMs } = this.#context
    const exchange = this.#on(link)
    if (nowMs < exchange.repliedMs + LINKS_PAUSE_MS) return
    exchange.repliedMs = nowMs
    this.#send(link, 'LINKS', this.#replyTo(have))
  }

  /** Our list is encoded once a revision: in a large mesh many peers ask for it. */
  #replyTo(have: number): string {
    const { outgoingHandshake, runtime } = this.#options
    const { revision } = outgoingHandshake
    if (have === revision) {
      return encode({ type: 'LINKS', data: { revision, runtime, connected: null } })
    }
    if (this.#list.revision !== revision) {
      const [, ...connected] = outgoingHandshake.addresses()
      const text = encode({ type: 'LINKS', data: { revision, runtime, connected } })
      this.#list = { revision, text }
    }
    return this.#list.text
  }

  /** A request or reply that is not sent is repeated by whoever asks. */
  #send({ id }: Link, type: 'LINKS' | 'LINKS_REQUEST', text: string): void {
    this.#context.order({ kind: 'send', link: id, type, text, canWait: true })
  }

  /** A peer answers. What was not asked for is ignored. */
  linksReceived(link: Link, { revision, runtime, connected }: Links['data']): void {
    const exchange = this.#on(link)
    if (exchange.askedMs === undefined) return
    exchange.askedMs = undefined
    exchange.answeredMs = this.#context.nowMs
    // "Unchanged since" a revision that we do not have: the peer breaks the protocol.
    if (connected === null && revision !== exchange.revision) return
    exchange.reportedMs = exchange.answeredMs
    const entry = this.#entryOf(link)
    if (entry !== undefined && link.identity !== undefined) {
      this.#latest.set(entry, { from: link.identity.id, exchange })
    }
    if (connected === null) return
    exchange.revision = revision
    exchange.report = { runtime: headOf(runtime), revision, connected: this.#admitted(connected) }
  }

  /**
   * What the peer of a link reported, or undefined when that is too old. For a new link that
   * replaced another one to the same node, what was reported on that one.
   */
  reportOn(link: Link, nowMs: number): PeerReport | undefined {
    const entry = this.#entryOf(link)
    const latest = entry && this.#latest.get(entry)
    const earlier = latest?.from === link.identity?.id ? latest?.exchange : undefined
    const exchanges = [this.#byLink.get(link), earlier]
    return exchanges.find((one) => one !== undefined && nowMs <= one.reportedMs + LINKS_SHOWN_MS)
      ?.report
  }

  #entryOf({ address }: Link): Entry | undefined {
    const { book } = this.#options
    return address === undefined ? undefined : book.entry(address)
  }

  /**
   * Each address once. One text in memory for all peers that name a known address: a large mesh
   * names each a thousand times.
   */
  #admitted(connected: readonly string[]): readonly string[] {
    const { book } = this.#options
    let strange = 0
    const admitted = new Set<string>()
    for (const text of connected) {
      const known = book.find(text)?.address
      if (known !== undefined) admitted.add(known)
      else if (text.length <= ADDRESS_BYTES_MAX && strange < LINKS_STRANGE_MAX) {
        strange += 1
        admitted.add(text)
      }
    }
    return [...admitted]
  }

  #on(link: Link): Exchange {
    const exchange = this.#byLink.get(link)
    if (exchange !== undefined) return exchange
    const fresh: Exchange = {
      askedMs: undefined,
      answeredMs: Number.NEGATIVE_INFINITY,
      reportedMs: Number.NEGATIVE_INFINITY,
      revision: 0,
      report: undefined,
      repliedMs: Number.NEGATIVE_INFINITY,
      roundTripAskedMs: Number.NEGATIVE_INFINITY,
    }
    this.#byLink.set(link, fresh)
    return fresh
  }
}

/** A copy of the first characters. A slice would be a view in V8, and keep the frame in memory. */
function headOf(text: string): string {
  return [...text.slice(0, RUNTIME_CHARS_MAX)].join('')
}
