/**
 * Which requests are answered: by the client's IP, by Host, and by the web page that asks. Without
 * HTTP_ALLOW only this machine may ask, and no web page of another site may use the browser of an
 * operator to do so. Pure; never throws.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { printable, quoted } from '../log/printable.ts'
import { type IpRange, isInRanges } from '../mesh/address/ip-range.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { isAllowedHost, type OwnEndpoint } from './allowed-hosts.ts'

/** What of a request decides. */
export interface RequestFacts {
  /** The remote IP of the socket, or undefined when the socket is closed. */
  readonly ip: string | undefined
  /** Without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** What the operator configures. */
export interface AuthorizationRules {
  readonly own: OwnEndpoint
  /** HTTP_ALLOW: who may ask besides this machine. */
  readonly allow: readonly IpRange[]
}

/** Why a request is refused. `text` is one line for people. */
export interface Refusal {
  readonly status: 403 | 421
  readonly text: string
}

/** Why this request is refused, or undefined for one that is allowed. */
export function refusalOf(request: RequestFacts, rules: AuthorizationRules): Refusal | undefined {
  return refusalOfIp(request, rules) ?? refusalOfHost(request, rules) ?? refusalOfPage(request)
}

/** Headers that proxies add. With one of them, the remote IP is not that of the client. */
const PROXY_HEADER = /^(?:forwarded|via|x-forwarded-.*|x-real-ip)$/

function refusalOfIp(
  { ip = '', headers }: RequestFacts,
  { allow }: AuthorizationRules,
): Refusal | undefined {
  // The zone of a link-local address names an interface of this machine.
  const bare = ip.replace(/%.*$/, '')
  if (isInRanges(bare, allow)) return undefined
  const shown = printable(bare.replace(/^::ffff:(?=\d+\.)/i, ''))
  const fix = `set HTTP_ALLOW=${shown} on the node`
  if (!isLoopbackHost(bare)) return { status: 403, text: `not allowed from ${shown}; ${fix}` }
  const header = Object.keys(headers).find((name) => PROXY_HEADER.test(name))
  if (header === undefined) return undefined
  const problem = `not allowed through a proxy (header ${printable(header)})`
  return { status: 403, text: `${problem}; ${fix} to allow all clients of the proxy` }
}

/** A name, an IPv4 literal or an IPv6 literal in brackets, and perhaps a port. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

/** A foreign name means DNS rebinding: anyone can let a name of theirs lead here. */
function refusalOfHost(
  { headers }: RequestFacts,
  { own }: AuthorizationRules,
): Refusal | undefined {
  const [, host, port] = HOST.exec(headers.host?.toLowerCase() ?? '') ?? []
  // A browser omits the default port of the scheme, which only the proxy can tell.
  const ports = port === undefined ? [80, 443] : [Number(port)]
  if (host !== undefined && isAllowedHost(host, ports, own)) return undefined
  const fix = `use localhost:${own.port}, an IP, or the host in ADDRESS`
  return { status: 421, text: `unknown Host ${quoted(headers.host ?? '')}; ${fix}` }
}

/**
 * A page of another site may link to our page, which cannot be framed and which it cannot read. All
 * else is for our own page. Another port of this machine is another site, too.
 */
function refusalOfPage({ path, headers }: RequestFacts): Refusal | undefined {
  const refusal = { status: 403, text: 'not allowed from a web page of another site' } as const
  const { origin, host = '' } = headers
  const [, originHost] = /^https?:\/\/(.*)$/.exec(origin ?? '') ?? []
  if (origin !== undefined && originHost !== host.toLowerCase()) return refusal
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  const isLink = headers['sec-fetch-mode'] === 'navigate'
  return isLink && headers['sec-fetch-dest'] === 'document' && path === '/' ? undefined : refusal
}
