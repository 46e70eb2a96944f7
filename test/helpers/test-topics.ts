/** The messages of a node without links, as its HTTP side uses them. */

import type { TopicFacts } from '../../src/http/site.ts'
import { encode } from '../../src/node/messages.ts'
import type { PubSubInput } from '../../src/pubsub/outputs.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import type { PubSubOptions } from '../../src/pubsub/pubsub-options.ts'
import type { Form } from '../../src/pubsub/subscription.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import type { Json } from '../../src/wire/feed-messages.ts'
import { meshId } from './core.ts'

export class TestTopics {
  readonly pubsub: PubSub
  readonly feed: string
  /** How many followers there are. */
  followers = 0
  /** Called when there may be something new. */
  onNews: () => void = () => {}

  constructor(port: number, options: Partial<PubSubOptions> = {}) {
    this.feed = meshId(port)
    const facts = { feed: this.feed, takesRelayed: false, nowMs: monotonicMs(), random: () => 0.5 }
    this.pubsub = new PubSub({ ...facts, ...options })
  }

  /** Publishes bodies that go into frames together. */
  publish(topic: string, ...bodies: readonly (Json | Uint8Array)[]): number {
    let seq = 0
    for (const body of bodies) seq = this.pubsub.publish(encode(topic, body))
    this.input({ kind: 'turn-ended' })
    return seq
  }

  input(input: PubSubInput): void {
    this.pubsub.handle(input, monotonicMs())
    this.onNews()
  }

  /** All that was published so far and is kept, with its topic; bytes as base64. */
  published(): readonly unknown[] {
    const all = parsePattern('>')
    if (all === undefined) throw new Error('> is a pattern')
    const form: Form<unknown> = {
      message: (_chunk, { bodies, topic }, at) => [
        topic,
        bodies.kind === 'json' ? bodies.values[at] : { base64: bodies.base64[at] },
      ],
      gap: (gap) => gap,
    }
    return this.pubsub.subscribe(all, form, 'kept').take(monotonicMs())
  }

  facts(): TopicFacts {
    return {
      publish: (topic, body) => ({ feed: this.feed, seq: this.publish(topic, body) }),
      subscribe: (pattern, form, from) => {
        this.followers += 1
        return this.pubsub.subscribe(pattern, form, from)
      },
      unsubscribe: (subscription) => {
        this.followers -= 1
        this.pubsub.unsubscribe(subscription)
      },
      addressOf: (feed) => (feed === this.feed ? 'ws://localhost:4001' : undefined),
    }
  }
}
