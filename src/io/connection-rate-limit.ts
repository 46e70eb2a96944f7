/**
 * The door: how fast one host may knock. Each connection costs us a handshake before the core can
 * judge it, so the pace is limited by IP, before anything is read. Loopback is exempt: whole meshes
 * live there, and who is on this machine has simpler ways to harm it.
 */

import { parseIpv6 } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { CONNECTING_HOSTS_MAX, CONNECTS_BURST, CONNECTS_PER_SECOND } from '../mesh/limits.ts'
import { TokenBucket } from '../mesh/token-bucket.ts'

/** Counts knocks by host. */
export class ConnectionRateLimit {
  /** In the order of their first knock since they were last forgotten. */
  readonly #hosts = new Map<string, TokenBucket>()

  /** Whether a connection from this IP may go on. `nowMs` is monotonic. */
  admits(ip: string, nowMs: number): boolean {
    if (isLoopbackHost(ip)) return true
    const host = hostOfIp(ip)
    const known = this.#hosts.get(host)
    const bucket = known ?? new TokenBucket(CONNECTS_BURST, CONNECTS_PER_SECOND, nowMs)
    if (known === undefined) {
      const oldest = this.#hosts.size < CONNECTING_HOSTS_MAX ? undefined : this.#hosts.keys().next()
      if (oldest?.done === false) this.#hosts.delete(oldest.value)
      this.#hosts.set(host, bucket)
    }
    return bucket.take(nowMs)
  }
}

/**
 * Who owns one IPv6 address owns the 2^64 beside it (RFC 4291 §2.5.1), so the first half is the
 * host.
 */
function hostOfIp(ip: string): string {
  // IPv4 in IPv6 (RFC 4291 §2.5.5.2), as a socket for both names it: there the last half is the
  // host.
  if (ip.startsWith('::ffff:')) return ip
  return parseIpv6(ip)?.slice(0, 4).join(':') ?? ip
}
