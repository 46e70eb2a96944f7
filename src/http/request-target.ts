/** What the head of a request names: the path, the query and the host. Pure. */

import type { IncomingMessage } from 'node:http'

/**
 * Path and query as they are: another spelling of a path is another path. A client that takes the
 * node for a proxy writes the host before them (RFC 9112 §3.2.2).
 */
export function targetOf({ headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>) {
  const [start = '', host] = /^https?:\/\/([^/?]*)/i.exec(url) ?? []
  const isOurs = host !== undefined && host.toLowerCase() === headers.host?.toLowerCase()
  const own = isOurs ? url.slice(start.length) : url
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(own) ?? []
  return { path: isOurs && path === '' ? '/' : path, query }
}

/** How many a request has. `headers` has the first, and others may read the last. */
export function hostsOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  return rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
}
