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

/** What a node's own host names are derived from. */
export interface OwnEndpoint {
  /** Where others dial it, such as `wss://mesh.example`. */
  readonly address: string
  /** The port that it listens on. */
  readonly port: number
  /** What HTTP_HOSTS has: `mesh.example` on every port, `localhost:8080` on this one. */
  readonly httpHosts: readonly string[]
}

/** The parts of a request that decide whether it is allowed. */
export interface RequestFacts {
  /** The remote IP of the socket, or undefined when the socket is closed. */
  readonly ip: string | undefined
  /** The local IP of the socket. */
  readonly localIp: string | undefined
  /** Without the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** Why this request is refused, or undefined for one that is allowed. */
export function refusalOfRequest(
  request: RequestFacts,
  own: OwnEndpoint,
  allow: readonly IpRange[],
): HttpResponse | undefined {
  return refusalOfIp(request, allow) ?? refusalOfPage(request, own)
}

/** The same for a request that changes the node. `HTTP_ALLOW` is for looking only. */
export function refusalOfChange(request: RequestFacts, own: OwnEndpoint): HttpResponse | undefined {
  if (refusalOfIp(request, []) === undefined) return refusalOfPage(request, own)
  const reason = 'not allowed from another machine or through a proxy'
  return line(403, `${reason}; run add-peer or forget on the machine of the node`)
}

/**
 * The same for a request that publishes or follows topics, or asks a peer. In a mesh with a secret,
 * clients of other machines, and whoever comes through a proxy, have to send its token.
 *
 * @param isToken undefined without a secret
 */
export function refusalOfTopics(
  request: RequestFacts,
  own: OwnEndpoint,
  allow: readonly IpRange[],
  isToken?: (text: string) => boolean,
): HttpResponse | undefined {
  return (
    refusalOfIp(request, allow, 'TOPICS_ALLOW') ??
    refusalOfPage(request, own) ??
    (isToken && refusalOfToken(request, isToken))
  )
}

function refusalOfToken(
  request: RequestFacts,
  isToken: (text: string) => boolean,
): HttpResponse | undefined {
  if (refusalOfIp(request, []) === undefined) return undefined
  const [, token] = /^bearer +([\w-]{1,64})$/i.exec(request.headers.authorization ?? '') ?? []
  if (token !== undefined && isToken(token)) return undefined
  const fix =
    'send Authorization: Bearer TOKEN, which the command secret --token prints on the node'
  const problem = token === undefined ? 'a token is missing' : 'the token is wrong'
  return line(401, `${problem}; ${fix}`, { 'WWW-Authenticate': 'Bearer' })
}

function refusalOfPage(
  { path, headers }: RequestFacts,
  own: OwnEndpoint,
): HttpResponse | undefined {
  const refusal = refusalOfHost(headers, own)
  if (refusal !== undefined) return refusal
  const problem = problemWithOrigin(headers, own) ?? problemWithFetch(path, headers)
  return problem === undefined ? undefined : line(403, problem)
}

/**
 * What is wrong with a request or an upgrade that has the Origin of a web page that this node did
 * not serve (RFC 6455 §10.2); else undefined. Browsers let any page dial any address, and send its
 * origin; programs send none. The host of the origin must equal Host, and be a name of this node.
 */
export function problemWithOrigin(
  { origin, host = '' }: IncomingHttpHeaders,
  own: OwnEndpoint,
): string | undefined {
  if (origin === undefined) return undefined
  const problem = `not allowed from a web page of another site, Origin ${quoted(origin)}`
  const page = /^https?:/i.test(origin) && URL.canParse(origin) ? new URL(origin) : undefined
  // Browsers write no slash at the end, Go's WebSocket package does.
  const isOrigin = page?.origin === origin.toLowerCase().replace(/\/$/, '')
  if (page === undefined || !isOrigin || page.host !== host.toLowerCase()) {
    return `${problem} at Host ${quoted(host)}; a program sends no Origin, a proxy keeps Host`
  }
  if (isOwnHost(page.hostname, [portOf(page)], own)) return undefined
  return `${problem}; add its host to HTTP_HOSTS on the node if that is the page of the node`
}

/**
 * A page of another site may link to our page, which cannot be framed and which it cannot read. All
 * else is for our own page. Another port of this machine is another site, too.
 */
function problemWithFetch(path: string, headers: IncomingHttpHeaders): string | undefined {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  const isNavigation = headers['sec-fetch-mode'] === 'navigate'
  if (isNavigation && headers['sec-fetch-dest'] === 'document' && path === '/') return undefined
  return `not allowed from a web page of another site, Sec-Fetch-Site ${quoted(String(site))}; open the page of the node itself`
}

/** Headers that proxies add. With one of them, the remote IP is not that of the client. */
const PROXY_HEADER = /^(?:forwarded|via|x-forwarded-.*|x-real-ip)$/

function refusalOfIp(
  { ip = '', localIp, headers }: RequestFacts,
  allow: readonly IpRange[],
  setting = 'HTTP_ALLOW',
): HttpResponse | undefined {
  // The zone of a link-local address names an interface of this machine.
  const bare = ip.replace(/%.*$/, '')
  if (isInRanges(bare, allow)) return undefined
  const shown = printable(bare.replace(/^::ffff:(?=\d+\.)/i, ''))
  const fix = `set ${setting}=${shown} on the node`
  // No other machine can connect from the IP that it connects to.
  const isOwnMachine = isLoopbackHost(bare) || (ip !== '' && ip === localIp)
  if (!isOwnMachine) return line(403, `not allowed from ${shown}; ${fix}`)
  const header = Object.keys(headers).find((name) => PROXY_HEADER.test(name))
  if (header === undefined) return undefined
  const problem = `not allowed through a proxy (header ${printable(header)})`
  return line(403, `${problem}; ${fix} to allow all clients of the proxy`)
}

/** A name, an IPv4 literal or an IPv6 literal in brackets, and perhaps a port. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

function refusalOfHost(headers: IncomingHttpHeaders, own: OwnEndpoint): HttpResponse | undefined {
  const [all, host, port] = HOST.exec(headers.host?.toLowerCase() ?? '') ?? []
  // A browser omits the default port of the scheme, and only a proxy has the scheme.
  const ports = port === undefined ? [80, 443] : [Number(port)]
  // Only plain programs omit it, in HTTP/1.0, such as health probes; browsers never do.
  if (headers.host === undefined) return undefined
  if (host !== undefined && isOwnHost(host, ports, own)) return undefined
  const shown = quoted(headers.host ?? '')
  if (host === undefined || portsOf(host, own).length === 0) {
    const fix = `use localhost:${own.port}, an IP, the host in ADDRESS, or a name in HTTP_HOSTS`
    return line(421, `unknown Host ${shown}; ${fix}`)
  }
  const fix = `use that port, or set HTTP_HOSTS=${all} on the node if it is forwarded`
  return line(421, `wrong port in Host ${shown}, this node listens on ${own.port}; ${fix}`)
}

/**
 * Whether a host, IPv6 in brackets, is this node's on at least one of these ports. A page of
 * evil.example can make its own name lead to this machine (DNS rebinding).
 */
function isOwnHost(host: string, ports: readonly number[], own: OwnEndpoint): boolean {
  const ownPorts = portsOf(host, own)
  return own.httpHosts.includes(host) || ports.some((port) => ownPorts.includes(port))
}

/**
 * The ports that a host of this node goes with, none for any other host: `localhost` and IPs, which
 * no DNS of others resolves, and what the operator set, the host of the address and HTTP_HOSTS.
 */
function portsOf(host: string, { address, port, httpHosts }: OwnEndpoint): readonly number[] {
  const own = new URL(address)
  const isIpLiteral = ipVersion(host.replace(/^\[|\]$/g, '')) !== 0
  return [
    ...(isIpLiteral || host === 'localhost' ? [port] : []),
    ...(host === own.hostname ? [port, portOf(own)] : []),
    ...httpHosts.flatMap((each) => {
      return each.startsWith(`${host}:`) ? [Number(each.slice(host.length + 1))] : []
    }),
  ]
}

/** The port of a URL, also where it is the default of the scheme. */
function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'https:' || protocol === 'wss:' ? 443 : 80
}
