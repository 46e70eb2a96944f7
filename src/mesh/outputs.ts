/**
 * What the core tells the shell: orders, in the imperative. The shell carries them out in the given
 * sequence, all of one input before the next input.
 */

import type { CloseFrame } from '../wire/close-codes.ts'
import type { Address } from './address/address.ts'
import type { DialPolicy } from './address/scope.ts'
import type { MeshEvent } from './events.ts'
import type { LinkId } from './inputs.ts'

/** An order. */
export type Output =
  /**
   * Open a socket to an address, to an IP that the policy admits, within `timeoutMs`, or where we
   * are busy within up to `DIAL_PATIENCE_MAX` times as long for a peer that took the connection;
   * answer with dial-succeeded or dial-failed.
   */
  | {
      readonly kind: 'dial'
      readonly address: Address
      readonly policy: DialPolicy
      readonly timeoutMs: number
    }
  /** Send one text frame. */
  | { readonly kind: 'send'; readonly link: LinkId; readonly text: string }
  /** Send a ping (RFC 6455 §5.5.2). */
  | { readonly kind: 'ping'; readonly link: LinkId }
  /**
   * Close the link with this frame, and drop the socket soon after. The core has forgotten the link
   * already.
   */
  | { readonly kind: 'close'; readonly link: LinkId; readonly frame: CloseFrame }
  /** Something that people or programs may want to know. */
  | { readonly kind: 'report'; readonly event: MeshEvent }
