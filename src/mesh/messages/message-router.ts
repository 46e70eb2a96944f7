/**
 * The message router: decodes a frame and passes its message on. A peer that sends a frame that is
 * no message, or too many, loses the link.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import { decode, type Frame } from '../../wire/codec.ts'
import type { Message } from '../../wire/messages.ts'
import type { CoreContext } from '../context.ts'
import type { Counters } from '../counters.ts'
import type { Connector } from '../dialing/connector.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../limits.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import { isPlainCaller, type Link, nameOf } from '../links/link.ts'
import type { Survey } from './survey.ts'

export interface MessageRouterOptions {
  readonly connections: ConnectionTable
  readonly connector: Connector
  readonly survey: Survey
  readonly counters: Counters
}

export class MessageRouter {
  readonly #context: CoreContext
  readonly #options: MessageRouterOptions

  constructor(context: CoreContext, options: MessageRouterOptions) {
    this.#context = context
    this.#options = options
  }

  onFrame(link: Link, frame: Frame): void {
    const decoded = decode(frame, HANDSHAKE_ADDRESSES_MAX)
    switch (decoded.kind) {
      case 'malformed':
        return this.#options.connections.refuse(link, decoded.code, decoded.reason)
      case 'unknown-type': {
        if (!this.#takeReadBudget(link)) return
        const { type } = decoded
        return this.#context.turn.report({ kind: 'message-ignored', peer: nameOf(link), type })
      }
      case 'message':
        return this.#onMessage(link, decoded.message)
      default:
        decoded satisfies never
    }
  }

  #onMessage(link: Link, message: Message): void {
    const { survey } = this.#options
    switch (message.type) {
      case 'HANDSHAKE':
        return this.#onHandshake(link, message.data)
      case 'LINKS_REQUEST':
        if (!this.#takeReadBudget(link)) return
        // Plain peers are sent nothing but HANDSHAKE (docs/PROTOCOL.md §4).
        if (link.identity !== undefined) survey.reply(link, message.data.have)
        return
      case 'LINKS':
        if (this.#takeReadBudget(link)) survey.linksReceived(link, message.data)
        return
      default:
        message satisfies never
    }
  }

  #onHandshake(link: Link, data: readonly string[]): void {
    const { connections, connector, counters } = this.#options
    counters.handshakeReceived()
    connections.handshakeReceived(link)
    const refused = connector.learn(data, link)
    if (refused === undefined) return this.#refuseFlood(link)
    if (refused.malformed + refused.refusedByPolicy + refused.tooMany > 0) {
      this.#context.turn.report({ kind: 'addresses-refused', peer: nameOf(link), ...refused })
    }
    if (isPlainCaller(link)) connector.callBack(data[0])
  }

  #takeReadBudget(link: Link): boolean {
    if (link.readBudget.take(this.#context.turn.nowMs)) return true
    this.#refuseFlood(link)
    return false
  }

  #refuseFlood(link: Link): void {
    this.#options.connections.refuse(link, CloseCode.FLOOD, 'rate limit exceeded')
  }
}
