/** What the core tells the driver to do: orders, carried out in sequence before the next input. */

import type { CloseFrame } from '../wire/close-codes.ts'
import type { LinkFact } from '../wire/link-facts.ts'
import type { Message } from '../wire/messages.ts'
import type { RequestFact } from '../wire/request-messages.ts'
import type { Address } from './address/address.ts'
import type { DialPolicy } from './address/scope.ts'
import type { MeshEvent } from './events.ts'
import type { LinkId } from './inputs.ts'

export type Output =
  /**
   * Open a socket to an address, to an IP that the policy admits, within `timeoutMs`, not counting
   * the time until the lookup of its name begins; on a busy machine within up to
   * `DIAL_TIMEOUT_FACTOR_MAX` times as long once TCP has connected. Answered with dial-succeeded or
   * dial-failed.
   */
  | {
      readonly kind: 'dial'
      readonly address: Address
      readonly policy: DialPolicy
      readonly timeoutMs: number
    }
  /** Send one text frame. */
  | {
      readonly kind: 'send'
      readonly link: LinkId
      readonly type: Message['type']
      readonly text: string
      /** Not sent while the peer has not read all before, or memory is full: it comes again. */
      readonly canWait: boolean
    }
  /** Send a ping (RFC 6455 §5.5.2). */
  | { readonly kind: 'ping'; readonly link: LinkId }
  /** Close the link with this frame, and drop the socket soon after. The link is gone already. */
  | { readonly kind: 'close'; readonly link: LinkId; readonly frame: CloseFrame }
  /** Pass a fact on to the cores of messages and requests. */
  | { readonly kind: 'messages'; readonly fact: LinkFact | RequestFact }
  /** Emit an event. */
  | { readonly kind: 'report'; readonly event: MeshEvent }
