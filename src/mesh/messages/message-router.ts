/**
 * Conversation: what peers say on their links, and what follows from it. Whoever says what is no
 * message, or too much, loses that link.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import { decode, type Frame } from '../../wire/codec.ts'
import type { Message } from '../../wire/messages.ts'
import type { Seeker } from '../dialing/connector.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../limits.ts'
import type { Roster } from '../links/connection-table.ts'
import { isPlainCaller, type Link, nameOf } from '../links/link.ts'
import type { Turn } from '../turn.ts'
import type { Survey } from './survey.ts'

/** Who is told what peers say. */
export interface ConversationOptions {
  readonly roster: Roster
  readonly seeker: Seeker
  readonly survey: Survey
  readonly turn: Turn
}

/** Listens to all peers. */
export class Conversation {
  readonly #roster: Roster
  readonly #seeker: Seeker
  readonly #survey: Survey
  readonly #turn: Turn

  constructor({ roster, seeker, survey, turn }: ConversationOptions) {
    this.#roster = roster
    this.#seeker = seeker
    this.#survey = survey
    this.#turn = turn
  }

  /** A frame came on a link. */
  hear(link: Link, frame: Frame): void {
    const decoded = decode(frame, HANDSHAKE_ADDRESSES_MAX)
    switch (decoded.kind) {
      case 'malformed':
        return this.#roster.refuse(link, decoded.code, decoded.reason)
      case 'unknown-type': {
        const { type } = decoded
        if (!link.reading.take(this.#turn.nowMs)) return this.#refuseFlood(link)
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
        if (!link.reading.take(this.#turn.nowMs)) return this.#refuseFlood(link)
        // Plain peers are sent nothing but HANDSHAKE (docs/PROTOCOL.md, section 4).
        if (link.identity !== undefined) this.#survey.tell(link, message.data.have)
        return
      case 'LINKS':
        if (!link.reading.take(this.#turn.nowMs)) return this.#refuseFlood(link)
        return this.#survey.hear(link, message.data)
      default:
        message satisfies never
    }
  }

  #onHandshake(link: Link, data: readonly string[]): void {
    this.#roster.hearHandshake(link)
    if (!this.#dialNamedAddresses(link, data)) return this.#refuseFlood(link)
    if (isPlainCaller(link)) this.#seeker.callBack(data[0])
  }

  /**
   * Story: a node attempts to connect to all addresses of a HANDSHAKE that it is not connected to.
   */
  #dialNamedAddresses(link: Link, data: readonly string[]): boolean {
    return this.#seeker.learn(data, link)
  }

  #refuseFlood(link: Link): void {
    this.#roster.refuse(link, CloseCode.FLOOD, 'you send more than we care to read')
  }
}
