/**
 * Which processes are connected to which: the socket table, and the owners of the sockets in it.
 */

import { readdirSync, readlinkSync } from 'node:fs'
import { type SocketRow, socketTable } from './socket-table.ts'

/** A process that listens on a port. */
export interface Listener {
  readonly pid: number
  readonly port: number
}

/** The result of one read of the kernel's tables. */
export interface Connections {
  /** Open connections of which both programs have their end. */
  readonly count: number
  /** Pairs of processes with at least one connection between them. */
  readonly pairs: number
  /** The same, but each direction of dialing counts for itself: at most two for a pair. */
  readonly directions: number
  /** Connections that are open for the dialer, but not in the hands of both programs. */
  readonly pending: number
}

/** Counts the connections of the same processes repeatedly, and keeps the owners of sockets. */
export class ConnectionWatch {
  /** By inode. Sockets keep their process here, and a number is not used again soon. */
  readonly #ownerOf = new Map<number, number>()
  readonly #inodesOf = new Map<number, Map<string, number>>()

  /** Counts the connections among these processes. */
  look(listeners: readonly Listener[]): Connections {
    const rows = socketTable().filter(({ isOpen, inode }) => isOpen && inode !== 0)
    const inodes = new Set(rows.map(({ inode }) => inode))
    for (const { pid } of listeners) this.#findSocketsOf(pid, inodes)
    return connectionsAmong(listeners, rows, (inode) => this.#ownerOf.get(inode))
  }

  /** Reads only the links of files that were not there at the last look, or are another socket. */
  #findSocketsOf(pid: number, inodes: ReadonlySet<number>): void {
    const byDescriptor = this.#inodesOf.get(pid) ?? new Map<string, number>()
    this.#inodesOf.set(pid, byDescriptor)
    for (const fd of filesOf(pid)) {
      const known = byDescriptor.get(fd)
      if (known !== undefined && inodes.has(known)) continue
      const inode = socketBehind(`/proc/${pid}/fd/${fd}`)
      if (inode === undefined) continue
      byDescriptor.set(fd, inode)
      this.#ownerOf.set(inode, pid)
    }
  }
}

/**
 * Counts the connections among the processes. A row of the dialer names the acceptor by its port,
 * and the dialer by the owner of its socket; it counts when the acceptor has its end, too.
 */
export function connectionsAmong(
  listeners: readonly Listener[],
  rows: readonly SocketRow[],
  ownerOf: (inode: number) => number | undefined,
): Connections {
  const indexOfPort = new Map(listeners.map(({ port }, index) => [port, index]))
  const indexOfPid = new Map(listeners.map(({ pid }, index) => [pid, index]))
  const size = listeners.length
  const key = ({ localPort, remotePort }: SocketRow) => localPort * 65_536 + remotePort
  const ends = new Set(rows.map(key))
  const directions = new Set<number>()
  let count = 0
  let pending = 0
  for (const row of rows) {
    const acceptor = indexOfPort.get(row.remotePort)
    const dialer = indexOfPid.get(ownerOf(row.inode) ?? Number.NaN)
    const otherEnd = row.remotePort * 65_536 + row.localPort
    if (acceptor === undefined) continue
    if (dialer === undefined || !ends.has(otherEnd)) {
      pending += 1
      continue
    }
    count += 1
    if (acceptor !== dialer) directions.add(dialer * size + acceptor)
  }
  const pairs = new Set(
    [...directions].map((direction) => {
      const [a, b] = [Math.floor(direction / size), direction % size]
      return Math.min(a, b) * size + Math.max(a, b)
    }),
  )
  return { count, pairs: pairs.size, directions: directions.size, pending }
}

function filesOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    // It has ended.
    return []
  }
}

function socketBehind(path: string): number | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1]
    return inode === undefined ? undefined : Number(inode)
  } catch {
    // It was closed meanwhile.
    return undefined
  }
}
