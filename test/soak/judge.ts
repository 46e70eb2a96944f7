/** Whether hosts have one connection for each pair, by the socket tables of their kernels. */

import type { TableSocket } from '../helpers/socket-table.ts'

/** Two hosts that do not have exactly one connection. */
export interface WrongPair {
  readonly ips: readonly [one: string, other: string]
  /** Each as `IP:PORT > IP:PORT`, the dialer first; `half` when only one end is open. */
  readonly connections: readonly string[]
}

/** How many ends of a connection are open when it is in order. */
const ENDS = 2

/** What follows the name of any other connection. */
const HALF = ' half'

/**
 * The pairs that do not have exactly one connection, open at both ends.
 *
 * @param sockets the open ones of all hosts
 * @param port what the nodes listen on; what leads from or to another one does not count
 */
export function wrongPairs(
  ips: readonly string[],
  sockets: readonly TableSocket[],
  port: number,
): readonly WrongPair[] {
  const ends = new Map<string, number>()
  for (const socket of sockets) {
    const name = connectionOf(socket, port)
    if (name !== undefined) ends.set(name, (ends.get(name) ?? 0) + 1)
  }
  const byPair = new Map<string, string[]>()
  for (const [name, open] of ends) {
    const pair = pairOf(name)
    const connection = open === ENDS ? name : `${name}${HALF}`
    byPair.set(pair, [...(byPair.get(pair) ?? []), connection])
  }
  return ips.flatMap((one, index) =>
    ips.slice(index + 1).flatMap((other): WrongPair[] => {
      const connections = byPair.get(pairName(one, other)) ?? []
      const isRight = connections.length === 1 && connections[0]?.endsWith(HALF) === false
      return isRight ? [] : [{ ips: [one, other], connections }]
    }),
  )
}

/** One name for both ends of a connection to the port of the nodes. */
function connectionOf({ local, remote }: TableSocket, port: number): string | undefined {
  if (remote.port === port) return `${local.ip}:${local.port} > ${remote.ip}:${port}`
  if (local.port === port) return `${remote.ip}:${remote.port} > ${local.ip}:${port}`
  return undefined
}

function pairOf(connection: string): string {
  const [one = '', other = ''] = connection.split(' > ').map((end) => end.split(':')[0] ?? '')
  return pairName(one, other)
}

function pairName(one: string, other: string): string {
  return [one, other].sort().join(' ')
}
