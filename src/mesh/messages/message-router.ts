/**
 * The message router: decodes a frame and passes its message on. A peer that sends a frame that is
 * no message, or too many, loses the link.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import { decode, type Frame } from '../../wire/codec.ts'
import type { PubSubMessage } from '../../wire/feed-messages.ts'
import type { Message } from '../../wire/messages.ts'
import type { AnyRequestMessage } from '../../wire/request-messages.ts'
import type { CoreContext } from '../context.ts'
import type { Counters } from '../counters.ts'
import { HANDSHAKE_ADDRESSES_MAX, NODE_DATA_READ_COST } from '../limits.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import { type Link, nameOf } from '../links/link.ts'
import type { IncomingHandshake } from './incoming-handshake.ts'
import type { PeerData } from './peer-data.ts'
import type { Survey } from './survey.ts'

export interface MessageRouterOptions {
  readonly connections: ConnectionTable
  readonly incoming: IncomingHandshake
  readonly survey: Survey
  readonly data: PeerData
  readonly counters: Counters
}

export class MessageRouter {
  readonly #context: CoreContext
  readonly #connections: ConnectionTable
  readonly #incomingHandshake: IncomingHandshake
  readonly #survey: Survey
  readonly #data: PeerData
  readonly #counters: Counters

  constructor(context: CoreContext, options: MessageRouterOptions) {
    this.#context = context
    this.#connections = options.connections
    this.#incomingHandshake = options.incoming
    this.#survey = options.survey
    this.#data = options.data
    this.#counters = options.counters
  }

  onFrame(link: Link, frame: Frame): void {
    const decoded = decode(frame, HANDSHAKE_ADDRESSES_MAX)
    switch (decoded.kind) {
      case 'malformed':
        return this.#connections.close(link, decoded.code, decoded.reason)
      case 'unknown-type':
        return this.#ignore(link, decoded.type)
      case 'message':
        return this.#onMessage(link, decoded.message, frame.kind === 'text' ? frame.text : '')
      default:
        decoded satisfies never
    }
  }

  #onMessage(link: Link, message: Message | PubSubMessage | AnyRequestMessage, text: string): void {
    switch (message.type) {
      case 'HANDSHAKE':
        this.#counters.handshakeReceived()
        return this.#incomingHandshake.received(link, message.data)
      case 'LINKS_REQUEST':
        if (!this.#takeReadBudget(link)) return
        // Plain peers are sent nothing but HANDSHAKE (docs/PROTOCOL.md §4).
        if (link.identity !== undefined) this.#survey.reply(link, message.data.have)
        return
      case 'LINKS':
        if (this.#takeReadBudget(link)) this.#survey.linksReceived(link, message.data)
        return
      case 'NODE_DATA':
        if (!this.#isReadyForMessages(link)) return this.#ignore(link, message.type)
        if (this.#takeReadBudget(link, NODE_DATA_READ_COST)) this.#data.received(link, message.data)
        return
      case 'FEED':
      case 'WANT':
      case 'EVENTS':
      case 'GONE':
      case 'FEEDS':
        if (!this.#isReadyForMessages(link)) return this.#ignore(link, message.type)
        return this.#context.order({
          kind: 'messages',
          fact: { kind: 'message-received', link: link.id, message, text },
        })
      case 'REQUEST':
      case 'RESPONSE':
      case 'CANCEL':
        if (!this.#isReadyForMessages(link) || link.identity?.requests !== true) {
          return this.#ignore(link, message.type)
        }
        return this.#context.order({
          kind: 'messages',
          fact: { kind: 'request-received', link: link.id, message, chars: text.length },
        })
      default:
        message satisfies never
    }
  }

  #isReadyForMessages({ identity, state }: Link): boolean {
    return identity?.messages === true && state === 'ready'
  }

  #ignore(link: Link, type: string): void {
    if (!this.#takeReadBudget(link)) return
    this.#context.report({ kind: 'message-ignored', peer: nameOf(link), type })
  }

  #takeReadBudget(link: Link, count = 1): boolean {
    if (link.readBudget.take(this.#context.nowMs, count)) return true
    this.#connections.close(link, CloseCode.FLOOD, 'rate limit exceeded')
    return false
  }
}
