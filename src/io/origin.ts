/**
 * Web pages: browsers let any page dial any address, and tell us where the page is from (RFC 6455
 * §10.2). Programs send no Origin. A page may call only if we served it, and that takes more than
 * the same name in Origin and Host: a page of evil.example can have its own name lead to this
 * machine (DNS rebinding), so the name must be one that is ours.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** By which names a browser can reach this node. */
export interface OwnNames {
  /** Where others dial it, such as `wss://mesh.example`. */
  readonly address: string
  /** The port that it listens on. */
  readonly port: number
}

/** Whether a web page asks that this node did not serve. Never throws. */
export function isForeignOrigin({ origin, host }: IncomingHttpHeaders, own: OwnNames): boolean {
  if (origin === undefined) return false
  const page = parsePage(origin)
  return page === undefined || page.host !== host?.toLowerCase() || !isOurs(page, own)
}

function parsePage(origin: string): URL | undefined {
  if (!/^https?:\/\/[^/]+$/i.test(origin)) return undefined
  try {
    return new URL(origin)
  } catch {
    return undefined
  }
}

/** Nobody can make `localhost` or an IP lead somewhere else, and our own name is the operator's. */
function isOurs(page: URL, { address, port }: OwnNames): boolean {
  const ours = new URL(address)
  if (page.hostname === ours.hostname) return [port, portOf(ours)].includes(portOf(page))
  const isIpLiteral = isIP(page.hostname.replace(/^\[|\]$/g, '')) !== 0
  return (isIpLiteral || page.hostname === 'localhost') && portOf(page) === port
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}
