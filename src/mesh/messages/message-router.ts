/**
 * MessageRouter: what peers say on their links, and what follows from it. Whoever says what is no
 * message, or too much, loses that link.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import { decode, type Frame } from '../../wire/codec.ts'
import type { Message } from '../../wire/messages.ts'
import type { Connector } from '../dialing/connector.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../limits.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import { isPlainCaller, type Link, nameOf } from '../links/link.ts'
import type { Turn } from '../turn.ts'
import type { Survey } from './survey.ts'

/** Who is told what peers say. */
export interface MessageRouterOptions {
  readonly connections: ConnectionTable
  readonly connector: Connector
  readonly survey: Survey
  readonly turn: Turn
}

/** Listens to all peers. */
export class MessageRouter {
  readonly #connections: ConnectionTable
  readonly #connector: Connector
  readonly #survey: Survey
  readonly #turn: Turn

  constructor({ connections, connector, survey, turn }: MessageRouterOptions) {
    this.#connections = connections
    this.#connector = connector
    this.#survey = survey
    this.#turn = turn
  }

  /** A frame came on a link. */
  hear(link: Link, frame: Frame): void {
    const decoded = decode(frame, HANDSHAKE_ADDRESSES_MAX)
    switch (decoded.kind) {
      case 'malformed':
        return this.#connections.refuse(link, decoded.code, decoded.reason)
      case 'unknown-type': {
        const { type } = decoded
        if (!link.readBudget.take(this.#turn.nowMs)) return this.#refuseFlood(link)
        return this.#turn.report({ kind: 'message-ignored', peer: nameOf(link), type })
      }
      case 'message':
        return this.#onMessage(link, decoded.message)
      default:
        decoded satisfies never
    }
  }

  #onMessage(link: Link, message: Message): void {
    switch (message.type) {
      case 'HANDSHAKE':
        return this.#onHandshake(link, message.data)
      case 'LINKS_REQUEST':
        if (!link.readBudget.take(this.#turn.nowMs)) return this.#refuseFlood(link)
        // Plain peers are sent nothing but HANDSHAKE (docs/PROTOCOL.md, section 4).
        if (link.identity !== undefined) this.#survey.tell(link, message.data.have)
        return
      case 'LINKS':
        if (!link.readBudget.take(this.#turn.nowMs)) return this.#refuseFlood(link)
        return this.#survey.hear(link, message.data)
      default:
        message satisfies never
    }
  }

  #onHandshake(link: Link, data: readonly string[]): void {
    this.#connections.handshakeReceived(link)
    if (!this.#dialNamedAddresses(link, data)) return this.#refuseFlood(link)
    if (isPlainCaller(link)) this.#connector.callBack(data[0])
  }

  /**
   * Story: a node attempts to connect to all addresses of a HANDSHAKE that it is not connected to.
   */
  #dialNamedAddresses(link: Link, data: readonly string[]): boolean {
    return this.#connector.learn(data, link)
  }

  #refuseFlood(link: Link): void {
    this.#connections.refuse(link, CloseCode.FLOOD, 'you send more than we care to read')
  }
}
