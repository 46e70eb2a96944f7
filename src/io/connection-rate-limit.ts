/**
 * Limits new connections by host, before anything is read: each costs a WebSocket upgrade before
 * the core can refuse it.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { TokenBucket } from '../structures/token-bucket.ts'
import { CONNECTING_HOSTS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND } from './limits.ts'

export class ConnectionRateLimit {
  readonly #hosts = new BoundedMap<string, TokenBucket>(CONNECTING_HOSTS_MAX)

  /**
   * Whether a connection may go on. `nowMs` is monotonic.
   *
   * @param host where it comes from, or undefined for our own machine, which has no limit: whole
   * meshes start there
   */
  admits(host: string | undefined, nowMs: number): boolean {
    if (host === undefined) return true
    const known = this.#hosts.get(host)
    if (known !== undefined) return known.take(nowMs)
    const bucket = new TokenBucket(CONNECTS_BURST, CONNECTS_PER_SECOND, nowMs)
    this.#hosts.set(host, bucket)
    return bucket.take(nowMs)
  }
}
