/** Whether nodes on hosts of their own are one mesh, by the socket tables of the hosts' kernels. */

import type { NodeProcess } from '../helpers/node-process.ts'
import { openSocketsOf, type TableSocket } from '../helpers/socket-table.ts'

/** A node of the mesh, and the IP of its host. */
export interface Member {
  readonly ip: string
  readonly node: NodeProcess
}

/** Two nodes that do not have exactly one connection. */
export interface WrongPair {
  readonly members: readonly [Member, Member]
  /** Each as `IP:PORT > IP:PORT`, the dialer first; `half` when only one end is open. */
  readonly connections: readonly string[]
}

/** How many ends of a connection are open when it is in order. */
const ENDS = 2

/** What follows the name of any other connection. */
const HALF = ' half'

/** The pairs that do not have exactly one connection, open at both ends. */
export function wrongPairs(members: readonly Member[]): readonly WrongPair[] {
  const ends = new Map<string, number>()
  for (const { node } of members) {
    for (const socket of openSocketsOf(node.pid)) {
      const name = connectionOf(socket, node.port)
      if (name !== undefined) ends.set(name, (ends.get(name) ?? 0) + 1)
    }
  }
  const byPair = new Map<string, string[]>()
  for (const [name, open] of ends) {
    const pair = pairOf(name)
    const connection = open === ENDS ? name : `${name}${HALF}`
    byPair.set(pair, [...(byPair.get(pair) ?? []), connection])
  }
  return members.flatMap((one, index) =>
    members.slice(index + 1).flatMap((other): WrongPair[] => {
      const connections = byPair.get(pairName(one.ip, other.ip)) ?? []
      const isRight = connections.length === 1 && connections[0]?.endsWith(HALF) === false
      return isRight ? [] : [{ members: [one, other], connections }]
    }),
  )
}

/** One name for both ends of a connection to or from the port of the nodes. */
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
