/** How the last link to an address, or the last dial of it, ended. Only shown; decides nothing. */

import { BoundedMap } from '../structures/bounded-map.ts'
import type { Address } from './address/address.ts'
import type { Ending } from './events.ts'
import type { DialFailure } from './inputs.ts'
import { LAST_CLOSE_REASONS_MAX } from './limits.ts'

/** How a link or a dial ended, and when. */
export interface LastClose {
  readonly atMs: number
  readonly what:
    | { readonly kind: 'link-ended'; readonly ending: Ending }
    | {
        readonly kind: 'dial-failed'
        readonly failure: DialFailure
        /** The same for people, with details. */
        readonly reason: string
      }
}

/** The latest for each address, oldest first. */
export class LastCloseReasons extends BoundedMap<Address, LastClose> {
  constructor() {
    super(LAST_CLOSE_REASONS_MAX)
  }
}
