/** What programs tell and ask each other through a node. */

import type { MessageDriver } from '../io/message-driver.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Json } from '../wire/feed-messages.ts'
import { NodeEmitter } from './mesh-node-events.ts'
import type { MessageHub } from './message-hub.ts'
import { encode, type Message, type Publishable } from './messages.ts'
import type { Peer } from './peers.ts'
import type { MessageIterator } from './reader.ts'
import type { IncomingRequest, NodeRequests, PeerAnswer, RequestOptions } from './requests.ts'
import type { HandlerOptions, SubscribeOptions } from './subscriptions.ts'

/** What carries them. @internal */
export interface Messaging {
  readonly mesh: Mesh
  readonly hub: MessageHub
  readonly messages: MessageDriver
  readonly requests: NodeRequests
}

/** The part of a node that carries messages to all and requests to one. */
export abstract class Messenger extends NodeEmitter {
  abstract readonly id: string
  /** @internal */
  protected abstract readonly messaging: Messaging

  /**
   * Sends a message to every node, this one, too. All get it that run now, once and in the order in
   * which this node publishes, however late their connection comes; or they get a {@link Gap}. It
   * never waits for a slow peer.
   *
   * @param topic such as `a.b.c`: 1 to 255 bytes without spaces, `*` and `>`
   * @param body at most 131,072 bytes with the topic, as JSON or base64
   * @returns which message it is
   * @throws {TypeError} when the topic is none, or the body is not JSON
   * @throws {RangeError} when it is too large, or nested deeper than 256 arrays and objects
   */
  publish<Body>(
    topic: string,
    body: Body & Publishable<Body>,
  ): { readonly feed: string; readonly seq: number } {
    return { feed: this.id, seq: this.messaging.messages.publish(encode(topic, body)) }
  }

  /**
   * Publishes as {@link publish} does, and resolves when the message is on the disk of this node,
   * and so are all that it published before. That is no word of other nodes. Needs the option
   * `messages.folder`, or DATA. What is on the disk is published again after a restart.
   *
   * @throws {TypeError} {RangeError} as {@link publish} does
   * @throws {NodeError} DATA_MISSING without a folder; DATA_FAILED when it could not be written,
   * now or since the start: other nodes may get the message all the same
   */
  async publishDurable<Body>(
    topic: string,
    body: Body & Publishable<Body>,
  ): Promise<{ readonly feed: string; readonly seq: number }> {
    return await this.messaging.hub.durably(() => this.publish(topic, body))
  }

  /**
   * The messages whose topic matches a pattern, and the gaps of all feeds: as an async iterator, or
   * with a handler, which is called with one message after the other, and awaited when it gives a
   * promise. A handler that throws is called again with the same message after 0.1 s, then after
   * twice that, seven times in all; then comes the event `error`, and the next message.
   *
   * @param pattern a topic, `a.*` for one segment more, or `a.>` for one or more
   * @throws {TypeError} when the pattern is none
   */
  subscribe(pattern: string, options?: SubscribeOptions): MessageIterator
  subscribe(
    pattern: string,
    handler: (message: Message) => unknown,
    options?: HandlerOptions,
  ): Disposable
  subscribe(
    pattern: string,
    first: SubscribeOptions | ((message: Message) => unknown) = {},
    options: HandlerOptions = {},
  ): MessageIterator | Disposable {
    const { subscriptions } = this.messaging.hub
    if (typeof first !== 'function') return subscriptions.iterate(pattern, first)
    return subscriptions.handle(pattern, first, options)
  }

  /**
   * Asks one peer, which carries it out at most once. A connection that is lost is waited for, 2 s,
   * and the request goes on over the next one. What a node asks itself is carried out, too.
   *
   * @param peer a peer or its address: whichever process is there; or the id of a process
   * @param body at most 131,072 bytes with the topic, as JSON or base64; as large as the answer
   * @returns what the responder gave
   * @throws {NodeError} NO_RESPONDER when the peer has none for the topic, TOO_MANY_REQUESTS when
   * 1,000 requests to it are open, or 4 MiB: it did not run. PEER_GONE when it stopped or is not
   * connected within 2 s, TIMEOUT when no answer came in time: it may have run, unless the message
   * says that it did not. RESPONDER_FAILED when the responder threw, or its answer is too large.
   * @throws {TypeError} when the peer or topic is none, or the body is not JSON
   * @throws {RangeError} when the body is too large, or `timeoutMs` out of its range
   */
  request<Body>(
    peer: Peer | string,
    topic: string,
    body: Body & Publishable<Body>,
    options: RequestOptions = {},
  ): Promise<Json | Uint8Array> {
    return this.messaging.requests.request(peer, topic, body, options)
  }

  /**
   * Asks all peers, once the loop begins: those that are connected at that moment. Gives one item
   * for each, in the order in which they come: an answer, or an error as for {@link request}.
   * Whoever ends the loop cancels the rest. Without a loop nothing is sent.
   *
   * @throws {TypeError} {RangeError} as for {@link request}
   */
  requestAll<Body>(
    topic: string,
    body: Body & Publishable<Body>,
    options: RequestOptions = {},
  ): AsyncIterableIterator<PeerAnswer, undefined> {
    return this.messaging.requests.requestAll(topic, body, options)
  }

  /**
   * Answers the requests for a topic with what the handler gives, or its promise: JSON or bytes;
   * nothing counts as null. Requests do not wait for each other. What it throws, its peer gets as
   * the message of an error, and the log has it.
   *
   * @returns to end it: later requests get NO_RESPONDER
   * @throws {TypeError} when the topic is none
   * @throws {Error} when the topic has a responder
   */
  respond(topic: string, handler: (request: IncomingRequest) => unknown): Disposable {
    return this.messaging.requests.respond(topic, handler)
  }

  /**
   * Resolves when the sockets of all connected peers have taken all that was published before. That
   * is no word of their programs.
   */
  flush(): Promise<void> {
    return this.messaging.messages.flush()
  }

  /** What a peer has not been sent of what this node published: a peer, its id or its address. */
  lag(peer: Peer | string): { readonly items: number; readonly bytes: number } {
    const { hub, mesh } = this.messaging
    return hub.lag(peer, mesh)
  }
}
