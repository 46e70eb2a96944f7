/**
 * Limits new connections by IP, before anything is read: each costs a WebSocket upgrade before the
 * core can refuse it. Loopback is exempt: whole meshes run there, and a program on this machine has
 * simpler ways to harm it.
 */

import { hostOfIp } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { BoundedMap } from '../mesh/bounded-map.ts'
import { CONNECTING_HOSTS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND } from '../mesh/limits.ts'
import { TokenBucket } from '../mesh/token-bucket.ts'

export class ConnectionRateLimit {
  readonly #hosts = new BoundedMap<string, TokenBucket>(CONNECTING_HOSTS_MAX)

  /** Whether a connection from this IP may go on. `nowMs` is monotonic. */
  admits(ip: string, nowMs: number): boolean {
    if (isLoopbackHost(ip)) return true
    const host = hostOfIp(ip)
    const known = this.#hosts.get(host)
    if (known !== undefined) return known.take(nowMs)
    const bucket = new TokenBucket(CONNECTS_BURST, CONNECTS_PER_SECOND, nowMs)
    this.#hosts.set(host, bucket)
    return bucket.take(nowMs)
  }
}
