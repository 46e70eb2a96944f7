/** Who the peer of a link is as a teacher of addresses. */

import { hostOf } from '../address/address.ts'
import type { Teacher } from '../address/entry.ts'
import { hostOfIp } from '../address/ip.ts'
import { isLoopbackHost } from '../address/scope.ts'
import type { Link } from './link.ts'

const LOOPBACK_IPV6 = hostOfIp('::1')

/** The peer of a link, which names addresses. See {@link Teacher}. */
export function teacherOf({ address, origin, verified }: Readonly<Link>): Teacher {
  const host = origin.kind === 'dialed' ? hostOfIp(hostOf(origin.address)) : origin.host
  const isHere = isLoopbackHost(host) || host === LOOPBACK_IPV6
  const name = isHere && verified && address !== undefined ? address : host
  return { name, verified }
}
