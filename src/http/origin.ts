/**
 * The Origin check (RFC 6455 §10.2): browsers let any page dial any address, and send where it is
 * from. Programs send no Origin. A page may call only if this node served it: its host must equal
 * Host, and be allowed (allowed-hosts.ts).
 */

import type { IncomingHttpHeaders } from 'node:http'
import { isAllowedHost, type OwnEndpoint, portOf } from './allowed-hosts.ts'

/** Whether the request is from a web page that this node did not serve. Never throws. */
export function isForeignOrigin({ origin, host }: IncomingHttpHeaders, own: OwnEndpoint): boolean {
  if (origin === undefined) return false
  if (!/^https?:\/\/[^/]+$/i.test(origin) || !URL.canParse(origin)) return true
  const page = new URL(origin)
  if (page.host !== host?.toLowerCase()) return true
  return !isAllowedHost(page.hostname, [portOf(page)], own)
}
