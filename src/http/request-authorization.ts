/**
 * Which requests and upgrades are allowed: by the client's IP, by Host, and by the web page that
 * sends them. Without HTTP_ALLOW only this machine may send requests, and no page of another site
 * may use the browser of an operator to do so. Pure; never throws.
 */

import type { IncomingHttpHeaders } from 'node:http'
import { printable, quoted } from '../log/printable.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { type IpRange, isInRanges } from '../mesh/address/ip-range.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { type HttpResponse, line } from './response.ts'

/** The address and port from which a node's own host names are derived. */
export interface OwnEndpoint {
  /** Where others dial it, such as `wss://mesh.example`. */
  readonly address: string
  /** The port that it listens on. */
  readonly port: number
}

/** The parts of a request that decide whether it is allowed. */
export interface RequestFacts {
  /** The remote IP of the socket, or undefined when the socket is closed. */
  readonly ip: string | undefined
  /** Without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** Why this request is refused, or undefined for one that is allowed. */
export function refusalOfRequest(
  { ip = '', path, headers }: RequestFacts,
  own: OwnEndpoint,
  allow: readonly IpRange[],
): HttpResponse | undefined {
  const refusal = refusalOfIp(ip, headers, allow) ?? refusalOfHost(headers, own)
  if (refusal !== undefined) return refusal
  if (!isForeignOrigin(headers, own) && !isForeignFetch(path, headers)) return undefined
  return line(403, 'not allowed from a web page of another site')
}

/**
 * Whether a request or an upgrade has the Origin of a web page that this node did not serve (RFC
 * 6455 §10.2). Browsers let any page dial any address, and send its origin; programs send none. The
 * host of the origin must equal Host, and be a name of this node.
 */
export function isForeignOrigin({ origin, host }: IncomingHttpHeaders, own: OwnEndpoint): boolean {
  if (origin === undefined) return false
  if (!/^https?:/i.test(origin) || !URL.canParse(origin)) return true
  const page = new URL(origin)
  const isSame = page.origin === origin.toLowerCase() && page.host === host?.toLowerCase()
  return !isSame || !isOwnHost(page.hostname, [portOf(page)], own)
}

/**
 * A page of another site may link to our page, which cannot be framed and which it cannot read. All
 * else is for our own page. Another port of this machine is another site, too.
 */
function isForeignFetch(path: string, headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  const isNavigation = headers['sec-fetch-mode'] === 'navigate'
  return !isNavigation || headers['sec-fetch-dest'] !== 'document' || path !== '/'
}

/** Headers that proxies add. With one of them, the remote IP is not that of the client. */
const PROXY_HEADER = /^(?:forwarded|via|x-forwarded-.*|x-real-ip)$/

function refusalOfIp(
  ip: string,
  headers: IncomingHttpHeaders,
  allow: readonly IpRange[],
): HttpResponse | undefined {
  // The zone of a link-local address names an interface of this machine.
  const bare = ip.replace(/%.*$/, '')
  if (isInRanges(bare, allow)) return undefined
  const shown = printable(bare.replace(/^::ffff:(?=\d+\.)/i, ''))
  const fix = `set HTTP_ALLOW=${shown} on the node`
  if (!isLoopbackHost(bare)) return line(403, `not allowed from ${shown}; ${fix}`)
  const header = Object.keys(headers).find((name) => PROXY_HEADER.test(name))
  if (header === undefined) return undefined
  const problem = `not allowed through a proxy (header ${printable(header)})`
  return line(403, `${problem}; ${fix} to allow all clients of the proxy`)
}

/** A name, an IPv4 literal or an IPv6 literal in brackets, and perhaps a port. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

function refusalOfHost(headers: IncomingHttpHeaders, own: OwnEndpoint): HttpResponse | undefined {
  const [, host, port] = HOST.exec(headers.host?.toLowerCase() ?? '') ?? []
  // A browser omits the default port of the scheme, and only a proxy has the scheme.
  const ports = port === undefined ? [80, 443] : [Number(port)]
  // Only plain programs omit it, in HTTP/1.0, such as health probes; browsers never do.
  if (headers.host === undefined) return undefined
  if (host !== undefined && isOwnHost(host, ports, own)) return undefined
  const fix = `use localhost:${own.port}, an IP, or the host in ADDRESS`
  return line(421, `unknown Host ${quoted(headers.host ?? '')}; ${fix}`)
}

/**
 * Whether a host, IPv6 in brackets, is this node's on at least one of these ports: `localhost` and
 * IPs, which no DNS of others resolves, and the host of its address, which the operator set. A page
 * of evil.example can make its own name lead to this machine (DNS rebinding).
 */
function isOwnHost(
  host: string,
  ports: readonly number[],
  { address, port }: OwnEndpoint,
): boolean {
  const own = new URL(address)
  if (host === own.hostname) return ports.includes(port) || ports.includes(portOf(own))
  const isIpLiteral = ipVersion(host.replace(/^\[|\]$/g, '')) !== 0
  return (isIpLiteral || host === 'localhost') && ports.includes(port)
}

/** The port of a URL, also where it is the default of the scheme. */
function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}
