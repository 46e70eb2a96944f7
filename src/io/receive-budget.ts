/**
 * How much each link and each host may send: bytes, and frames, each of which counts as so many
 * bytes more. A link of a host that sends too much keeps a small part that is its own, so that a
 * flood does not end the other links of that host. Our own machine has no budget by host: whole
 * meshes run there.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { TokenBucket } from '../structures/token-bucket.ts'
import {
  CONNECTING_HOSTS_MAX,
  FRAME_COST_BYTES,
  HOST_BYTES_BURST,
  HOST_BYTES_PER_SECOND,
  LINK_BYTES_BURST,
  LINK_BYTES_PER_SECOND,
  MESSAGE_BYTES_PER_SECOND,
  MESSAGE_COST_BYTES,
  SPARED_BYTES_BURST,
  SPARED_BYTES_PER_SECOND,
} from './limits.ts'

/** The budget of one link. */
export interface ReceiveBudget {
  /** Whether the link may send this much more. `nowMs` is monotonic. */
  take(bytes: number, frames: number, nowMs: number): boolean
}

/** The budgets of all links of a node. */
export class ReceiveBudgets {
  readonly #hosts = new BoundedMap<string, TokenBucket>(CONNECTING_HOSTS_MAX)

  /** @param host where the link comes from, or undefined for our own machine */
  open(host: string | undefined, nowMs: number): ReceiveBudget {
    const spared = new TokenBucket(SPARED_BYTES_BURST, SPARED_BYTES_PER_SECOND, nowMs)
    const link = new TokenBucket(LINK_BYTES_BURST, LINK_BYTES_PER_SECOND, nowMs)
    const shared = host === undefined ? undefined : this.#ofHost(host, nowMs)
    return {
      take(bytes, frames, atMs) {
        const cost = bytes + frames * FRAME_COST_BYTES
        if (spared.take(atMs, cost)) return true
        return link.take(atMs, cost) && (shared === undefined || shared.take(atMs, cost))
      },
    }
  }

  /**
   * What programs publish: what exceeds the budget waits. A peer that a dial has verified, and any
   * on our own machine, may send many more bytes than a stranger.
   *
   * @param host as for {@link open}
   */
  openMessages(host: string | undefined, verified: boolean, nowMs: number): ReceiveBudget {
    const isKnown = verified || host === undefined
    const perSecond = isKnown ? MESSAGE_BYTES_PER_SECOND : LINK_BYTES_PER_SECOND
    const link = new TokenBucket(LINK_BYTES_BURST, perSecond, nowMs)
    const shared = host === undefined ? undefined : this.#ofHost(host, nowMs)
    return {
      take: (bytes, frames, atMs) => {
        const cost = bytes + frames * MESSAGE_COST_BYTES
        return link.take(atMs, cost) && (shared === undefined || shared.take(atMs, cost))
      },
    }
  }

  #ofHost(host: string, nowMs: number): TokenBucket {
    const known = this.#hosts.get(host)
    if (known !== undefined) return known
    const bucket = new TokenBucket(HOST_BYTES_BURST, HOST_BYTES_PER_SECOND, nowMs)
    this.#hosts.set(host, bucket)
    return bucket
  }
}
