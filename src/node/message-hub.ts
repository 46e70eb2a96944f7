/** What a node has of messages: their core, the subscriptions of the program, and who is who. */

import type { MessageSettings } from '../config/message-settings.ts'
import type { Publish } from '../http/publications.ts'
import type { TopicFacts } from '../http/site.ts'
import type { LagEvent, NodeEvent } from '../log/events.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Chunk } from '../pubsub/chunk.ts'
import type { Amount } from '../pubsub/entries.ts'
import { PubSub } from '../pubsub/pubsub.ts'
import type { PubSubOptions } from '../pubsub/pubsub-options.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { Store } from '../storage/store.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { FeedAddresses } from './feed-addresses.ts'
import type { Gap } from './messages.ts'
import type { Peer, PeerChange } from './peers.ts'
import { append, restore } from './stored-messages.ts'
import { dataMissing, Subscriptions, type SubscriptionsOptions } from './subscriptions.ts'

export interface MessageHubOptions
  extends Pick<PubSubOptions, 'nowMs' | 'random' | 'takesRelayed'>,
    Pick<SubscriptionsOptions, 'onError'> {
  readonly settings: MessageSettings
  /** The id and the address of this node. */
  readonly id: string
  readonly address: string
}

export class MessageHub {
  readonly pubsub: PubSub
  readonly subscriptions: Subscriptions
  readonly #store: Store | undefined
  readonly #addresses: FeedAddresses
  /** What was found in the folder before anybody could listen, or who listens. */
  #report: NodeEvent[] | ((event: NodeEvent) => void) = []

  /** @throws {NodeError} DATA_IN_USE or DATA_NOT_WRITABLE */
  constructor({ id, address, onError, settings, ...options }: MessageHubOptions) {
    const { folder, folderMib: mib, keepMib, keepSeconds, senderPercent } = settings
    this.#addresses = new FeedAddresses({ id, address })
    const report = (event: NodeEvent): void => this.#onEvent(event)
    const store = folder === undefined ? undefined : new Store({ folder, mib, feed: id, report })
    this.#store = store
    this.pubsub = new PubSub({
      feed: id,
      ...options,
      ...(keepMib !== undefined && { logBytes: keepMib * 1024 * 1024 }),
      ...(keepSeconds !== undefined && { logAgeMs: keepSeconds * 1_000 }),
      ...(senderPercent !== undefined && { feedShare: senderPercent / 100 }),
      ...(store && { wantedFrom: (feed: string) => store.wantedFrom(feed) }),
      ...(store && { onPublished: (chunk: Chunk) => append(store, chunk) }),
    })
    const { pubsub } = this
    if (store !== undefined) {
      this.#addresses.addEarlier(store.feeds())
      restore(store, pubsub, settings)
    }
    const addressOf = (feed: string): string | undefined => this.#addresses.of(feed)
    this.subscriptions = new Subscriptions({ pubsub, own: id, addressOf, onError, store })
  }

  /** Reports what happens to the folder, also what has happened before. */
  start(report: (event: NodeEvent) => void): void {
    const events = typeof this.#report === 'function' ? [] : this.#report
    this.#report = report
    for (const event of events) report(event)
  }

  /** Ends the subscriptions, and lets go of the folder. */
  async close(): Promise<void> {
    this.subscriptions.close()
    await this.#store?.close()
  }

  /**
   * Publishes, and resolves when the message is on the disk.
   *
   * @throws {NodeError} DATA_MISSING or DATA_FAILED
   */
  async durably<Sent extends { readonly seq: number }>(publish: () => Sent): Promise<Sent> {
    if (this.#store === undefined) throw dataMissing('publishDurable')
    const sent = publish()
    await this.#store.stored(sent.seq + 1)
    return sent
  }

  #onEvent(event: NodeEvent): void {
    if (typeof this.#report === 'function') this.#report(event)
    else this.#report.push(event)
  }

  /** What the HTTP side publishes and follows. */
  topicFacts(publish: Publish): TopicFacts {
    return {
      publish,
      subscribe: (pattern, form, from) => this.pubsub.subscribe(pattern, form, from),
      unsubscribe: (subscription) => this.pubsub.unsubscribe(subscription),
      addressOf: (feed) => this.#addresses.of(feed),
    }
  }

  /** The gaps that were announced since the last call. */
  takeGaps(): readonly Gap[] {
    const gaps = this.pubsub.takeGaps()
    return gaps.map((gap) => ({ kind: 'gap', from: this.#addresses.of(gap.feed), ...gap }))
  }

  /** @param peerOn the address of the peer of a link */
  takeLags(peerOn: (link: LinkId) => string | undefined): readonly LagEvent[] {
    return this.pubsub.takeLags().flatMap(({ reader, ...lag }) => {
      if (typeof reader !== 'number') {
        return { kind: 'subscription-lag', pattern: reader.pattern, ...lag }
      }
      const peer = peerOn(reader)
      return peer === undefined ? [] : { kind: 'peer-lag', peer, ...lag }
    })
  }

  /** What a peer has not been sent of what this node published. */
  lag(peer: Peer | string, mesh: Pick<Mesh, 'connectedAddresses' | 'linkTo'>): Amount {
    const address = this.addressOf(peer)
    const connected: ReadonlySet<string> = mesh.connectedAddresses
    const isConnected = (text: string): text is Address => connected.has(text)
    const link = isConnected(address) ? mesh.linkTo(address) : undefined
    return link === undefined ? { items: 0, bytes: 0 } : this.pubsub.lag(link.id, monotonicMs())
  }

  peerChanged({ kind, peer }: PeerChange): void {
    if (kind === 'down') this.#addresses.peerDown(peer)
    else this.#addresses.peerUp(peer)
  }

  /** The address of a peer, of which this may be the id. */
  addressOf(peer: Peer | string): string {
    const key = typeof peer === 'string' ? peer : peer.address
    return this.#addresses.of(key) ?? key
  }
}
