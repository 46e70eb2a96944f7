/** Who the peer of a link is as a teacher of addresses. */

import type { Teacher } from '../address/entry.ts'
import { isOnThisMachine, type Link } from './link.ts'

/** The peer of a link, which names addresses. See {@link Teacher}. */
export function teacherOf(link: Readonly<Link>): Teacher {
  const { address, origin, verified } = link
  const isNode = isOnThisMachine(link) && verified && address !== undefined
  return { name: isNode ? address : origin.host, verified }
}
