/**
 * The kernel's table of TCP sockets, read as text: who is connected to whom, whatever the programs
 * say of themselves. Knows nothing of processes; see connections.ts for whose sockets they are.
 */

import { readFileSync } from 'node:fs'

/** One row of /proc/net/tcp or /proc/net/tcp6. */
export interface SocketRow {
  readonly localPort: number
  readonly remotePort: number
  /** Whether it is open at this end. */
  readonly isOpen: boolean
  /** Names the socket among all files; 0 until a program has accepted it. */
  readonly inode: number
}

/** `TCP_ESTABLISHED` of include/net/tcp_states.h. */
const ESTABLISHED = '01'

/** The columns that we read, counted from 0. */
const LOCAL = 1
const REMOTE = 2
const STATE = 3
const INODE = 9

/** All TCP sockets of this network namespace. Linux only. */
export function socketTable(): readonly SocketRow[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) =>
    parseSocketTable(readFileSync(path, 'utf8')),
  )
}

/** The rows of such a table; its first line is the heading. */
export function parseSocketTable(text: string): readonly SocketRow[] {
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const columns = line.trim().split(/\s+/)
      return {
        localPort: portIn(columns[LOCAL]),
        remotePort: portIn(columns[REMOTE]),
        isOpen: columns[STATE] === ESTABLISHED,
        inode: Number(columns[INODE]),
      }
    })
}

/** The port of an address as the table has it: `0100007F:0FA1`. */
function portIn(address = ''): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16)
}
