/**
 * Web pages: browsers let any page dial any address, and tell us where the page is from (RFC 6455
 * §10.2). Programs send no Origin. A page may call only if we served it, and that takes more than
 * the same name in Origin and Host: the name must be one that is ours (own-names.ts).
 */

import type { IncomingHttpHeaders } from 'node:http'
import { isOwnName, type OwnNames, portOf } from './own-names.ts'

/** Whether a web page asks that this node did not serve. Never throws. */
export function isForeignOrigin({ origin, host }: IncomingHttpHeaders, own: OwnNames): boolean {
  if (origin === undefined) return false
  const page = parsePage(origin)
  if (page === undefined || page.host !== host?.toLowerCase()) return true
  return !isOwnName(page.hostname, [portOf(page)], own)
}

function parsePage(origin: string): URL | undefined {
  if (!/^https?:\/\/[^/]+$/i.test(origin)) return undefined
  try {
    return new URL(origin)
  } catch {
    return undefined
  }
}
