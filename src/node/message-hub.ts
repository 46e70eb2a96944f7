/** What a node has of messages: their core, the subscriptions of the program, and who is who. */

import type { Publish } from '../http/publications.ts'
import type { TopicFacts } from '../http/site.ts'
import type { LagEvent } from '../log/events.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Amount } from '../pubsub/entries.ts'
import { FEEDS_MAX } from '../pubsub/limits.ts'
import { PubSub, type PubSubOptions } from '../pubsub/pubsub.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Gap } from './messages.ts'
import type { Peer } from './peers.ts'
import { Subscriptions, type SubscriptionsOptions } from './subscriptions.ts'

export interface MessageHubOptions
  extends Omit<PubSubOptions, 'feed'>,
    Pick<SubscriptionsOptions, 'onError'> {
  /** The id and the address of this node. */
  readonly id: string
  readonly address: string
}

export class MessageHub {
  readonly pubsub: PubSub
  readonly subscriptions: Subscriptions
  /** Where the process runs were that this node was connected to, also those that are gone. */
  readonly #addresses = new BoundedMap<string, string>(FEEDS_MAX)

  constructor({ id, address, onError, ...options }: MessageHubOptions) {
    this.#addresses.set(id, address)
    this.pubsub = new PubSub({ feed: id, ...options })
    const addressOf = (feed: string): string | undefined => this.#addresses.get(feed)
    this.subscriptions = new Subscriptions({ pubsub: this.pubsub, own: id, addressOf, onError })
  }

  /** What the HTTP side publishes and follows. */
  topicFacts(publish: Publish): TopicFacts {
    return {
      publish,
      subscribe: (pattern, form, from) => this.pubsub.subscribe(pattern, form, from),
      unsubscribe: (subscription) => this.pubsub.unsubscribe(subscription),
      addressOf: (feed) => this.#addresses.get(feed),
    }
  }

  /** The gaps that were announced since the last call. */
  takeGaps(): readonly Gap[] {
    const gaps = this.pubsub.takeGaps()
    return gaps.map((gap) => ({ kind: 'gap', from: this.#addresses.get(gap.feed), ...gap }))
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
    const found = [...mesh.connectedAddresses].find((one) => one === address)
    const link = found && mesh.linkTo(found)
    return link === undefined ? { items: 0, bytes: 0 } : this.pubsub.lag(link.id, monotonicMs())
  }

  peerUp({ id, address }: Peer): void {
    if (id !== undefined) this.#addresses.set(id, address)
  }

  /** The address of a peer, of which this may be the id. */
  addressOf(peer: Peer | string): string {
    const key = typeof peer === 'string' ? peer : peer.address
    return this.#addresses.get(key) ?? key
  }
}
