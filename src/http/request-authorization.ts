/**
 * The door of the HTTP side: who may ask, under which name, and from which page. What is told here
 * is for the machine itself unless the operator opens the door (HTTP_ALLOW), and no web page of
 * somebody else may look through the eyes of an operator's browser. Pure; never throws.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { printable } from '../log/printable.ts'
import { type IpRange, isInRanges } from '../mesh/address/ip-range.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { isAllowedHost, type OwnEndpoint } from './allowed-hosts.ts'

/** Who asks, for what. */
export interface Caller {
  /** The other end of the socket, or undefined when that is gone already. */
  readonly ip: string | undefined
  /** The path that is asked for, without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** What the operator decided. */
export interface AuthorizationRules {
  readonly own: OwnEndpoint
  /** HTTP_ALLOW: who may ask besides this machine. */
  readonly allow: readonly IpRange[]
}

/** Why somebody is turned away. `text` is one line for people. */
export interface Refusal {
  readonly status: 403 | 421
  readonly text: string
}

/** Why this caller gets no answer, or undefined for one who does. */
export function refusalOf(caller: Caller, rules: AuthorizationRules): Refusal | undefined {
  return refusalOfIp(caller, rules) ?? refusalOfHost(caller, rules) ?? refusalOfPage(caller)
}

/** What proxies add to what they pass on: then the other end of the socket is not who asks. */
const PROXY_HEADER = /^(?:forwarded|via|x-forwarded-.*|x-real-ip)$/

function refusalOfIp(
  { ip = '', headers }: Caller,
  { allow }: AuthorizationRules,
): Refusal | undefined {
  // The zone of a link-local address names an interface of ours.
  const bare = ip.replace(/%.*$/, '')
  if (isInRanges(bare, allow)) return undefined
  const asked = printable(bare.replace(/^::ffff:(?=\d+\.)/i, ''))
  if (!isLoopbackHost(bare)) {
    const problem = `only the node's own machine may ask, and this came from ${asked}`
    return { status: 403, text: `${problem}; set HTTP_ALLOW=${asked} on the node to allow it` }
  }
  const header = Object.keys(headers).find((name) => PROXY_HEADER.test(name))
  if (header === undefined) return undefined
  const problem = `a proxy passed this on (it has the header ${printable(header)}), so anybody may have asked`
  return { status: 403, text: `${problem}; set HTTP_ALLOW=${asked} on the node to trust the proxy` }
}

/** A name, an IPv4 literal or an IPv6 literal in brackets, and perhaps a port. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

/** Any name can be made to lead here, so one that is not ours means that somebody did. */
function refusalOfHost({ headers }: Caller, { own }: AuthorizationRules): Refusal | undefined {
  const [, host, port] = HOST.exec(headers.host?.toLowerCase() ?? '') ?? []
  // A browser leaves the port out when it is that of the scheme, which only the proxy knows.
  const ports = port === undefined ? [80, 443] : [Number(port)]
  if (host !== undefined && isAllowedHost(host, ports, own)) return undefined
  const text = `this node does not go by that name; ask for localhost:${own.port} or for an IP`
  return { status: 421, text }
}

/**
 * Pages of other sites. A link on one may lead to our page, which can neither be framed nor be read
 * by who opened it; all else is for our own. Another port of this machine is another site, too.
 */
function refusalOfPage({ path, headers }: Caller): Refusal | undefined {
  const refusal = { status: 403, text: 'a web page of another site may not ask' } as const
  const { origin, host = '' } = headers
  if (origin !== undefined && !/^https?:\/\//.test(origin)) return refusal
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host.toLowerCase()) {
    return refusal
  }
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  const isLink = headers['sec-fetch-mode'] === 'navigate'
  return isLink && headers['sec-fetch-dest'] === 'document' && path === '/' ? undefined : refusal
}
