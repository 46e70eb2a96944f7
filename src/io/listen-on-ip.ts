/** Listens on an IP without a lookup, where Node can. */

import type { Server } from 'node:net'

export interface ListenOptions {
  /** An IP literal. */
  readonly host: string
  readonly port: number
  readonly ipv6Only: boolean
  readonly backlog: number
}

/** UV_TCP_IPV6ONLY in uv.h. */
const IPV6_ONLY = 1

/** The facts of a process that decide; `process` has them. */
interface ProcessFacts {
  readonly channel?: unknown
  readonly versions: Readonly<Record<string, string | undefined>>
}

/**
 * Like `server.listen(options)`, which looks up even an IP: for that it loads eleven modules of
 * Node and compiles a large regular expression, a tenth of the start. `_listen2` is the method that
 * it calls then. If that is missing, or does not listen on exactly this IP and port, `listen` does.
 */
export function listenOnIp(
  server: Server,
  options: ListenOptions,
  facts: ProcessFacts = process,
): void {
  const { host, port, ipv6Only, backlog } = options
  const listen: unknown = isPlainNode(facts) ? Reflect.get(server, '_listen2') : undefined
  if (typeof listen !== 'function') {
    server.listen(options)
    return
  }
  const version = host.includes(':') ? 6 : 4
  const flags = version === 6 && ipv6Only ? IPV6_ONLY : 0
  Reflect.apply(listen, server, [host, port, version, backlog, undefined, flags])
  const bound = server.address()
  // Null: it failed, and emits the error.
  if (bound === null) return
  if (typeof bound !== 'string' && bound.address === host && bound.port === port) return
  server.close()
  server.listen(options)
}

/**
 * The hosts to listen on, without one that another includes: on Deno (2.9) and Bun (1.4) `::` takes
 * IPv4, too, whatever `ipv6Only` says, and then `0.0.0.0` is in use.
 */
export function hostsToListenOn(
  hosts: readonly string[],
  { versions }: ProcessFacts = process,
): readonly string[] {
  const isObeyed = !('deno' in versions) && !('bun' in versions)
  if (isObeyed || !hosts.includes('::')) return hosts
  return hosts.filter((host) => host !== '0.0.0.0')
}

/** A cluster worker, which has an IPC channel, listens through its primary. */
function isPlainNode({ channel, versions }: ProcessFacts): boolean {
  return channel === undefined && !('deno' in versions) && !('bun' in versions)
}
