/**
 * Limits new connections by IP, before anything is read: each costs a WebSocket upgrade before the
 * core can refuse it. Loopback is exempt: whole meshes run there, and a program on this machine has
 * simpler ways to harm it.
 */

import ipaddr from 'ipaddr.js'
import { parseIp } from '../mesh/address/ip.ts'
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

/** An IPv6 host can have every address of its /64 (RFC 4291 §2.5.1), so those count as one. */
function hostOfIp(ip: string): string {
  const parsed = parseIp(ip)
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : `${parsed ?? ip}`
}
