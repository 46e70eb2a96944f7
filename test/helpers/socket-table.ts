/** The kernel's table of TCP sockets: what is connected, independent of the nodes. Linux only. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { waitUntil } from './wait-until.ts'

/**
 * Sockets that are open at both ends, and sockets that wait for dials (include/net/tcp_states.h).
 */
const ESTABLISHED = '01'
const LISTENING = '0A'

/** Which column of the table has the number that `/proc/PID/fd` names a socket by. */
const INODE = 9

/** A process that listens on a port, in its network namespace. */
export interface Listener {
  readonly pid: number
  readonly port: number
}

/**
 * How many ends of connections there are. A connection with both ends in this kernel counts once
 * on each side.
 */
export interface Ends {
  readonly accepted: number
  readonly dialed: number
}

/** The open connections to these listeners. Each network namespace is read once. */
export function connectionsAmong(listeners: readonly Listener[]): Ends {
  const ports = listeners.map(({ port }) => port)
  const pidByNamespace = new Map(listeners.map(({ pid }) => [namespaceOf(pid), pid]))
  const ends = [...pidByNamespace.values()].map((pid) => endsTo(ports, pid))
  return {
    accepted: ends.reduce((sum, { accepted }) => sum + accepted, 0),
    dialed: ends.reduce((sum, { dialed }) => sum + dialed, 0),
  }
}

/** An open connection: the port of the listener that dialed, and the port that it dialed. */
export interface Dial {
  readonly from: number
  readonly to: number
}

/** Which of these listeners has dialed which. All live in our network namespace. */
export function dialsAmong(listeners: readonly Listener[]): readonly Dial[] {
  const open = ['tcp', 'tcp6']
    .flatMap((table) => rowsOf(`/proc/self/net/${table}`))
    .filter(([, , , state]) => state === ESTABLISHED)
  const ports = new Set(listeners.map(({ port }) => port))
  return listeners.flatMap(({ pid, port: from }) => {
    const own = socketsOf(pid)
    return open.flatMap((row) => {
      const to = portIn(row[2] ?? '')
      return ports.has(to) && own.has(row[INODE] ?? '') ? [{ from, to }] : []
    })
  })
}

/** The inodes of a process's sockets. */
function socketsOf(pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`
  const targets = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`)
    } catch {
      return 'closed meanwhile'
    }
  })
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []))
}

/** The ends of open connections to these ports, as the network namespace of a process has them. */
export function endsTo(ports: readonly number[], pid: number | 'self' = 'self'): Ends {
  const rows = ['tcp', 'tcp6'].flatMap((table) => rowsOf(`/proc/${pid}/net/${table}`))
  const open = rows.filter(([, , , state]) => state === ESTABLISHED)
  return {
    accepted: open.filter(([, local = '']) => ports.includes(portIn(local))).length,
    dialed: open.filter(([, , remote = '']) => ports.includes(portIn(remote))).length,
  }
}

/** One end of a connection, as the kernel has it. */
export interface TableSocket {
  readonly local: TableEnd
  readonly remote: TableEnd
}

export interface TableEnd {
  /** IPv4, also where the socket is one of IPv6. */
  readonly ip: string
  readonly port: number
}

/** The open sockets of IPv4 in the network namespace of a process. */
export function openSocketsOf(pid: number): readonly TableSocket[] {
  return ['tcp', 'tcp6']
    .flatMap((table) => rowsOf(`/proc/${pid}/net/${table}`))
    .filter(([, , , state]) => state === ESTABLISHED)
    .map(([, local = '', remote = '']) => ({ local: endOf(local), remote: endOf(remote) }))
}

/** `0100007F:0FA1` is 127.0.0.1, in the byte order of the machine, and port 4001. */
function endOf(address: string): TableEnd {
  const [hex = ''] = address.split(':')
  const bytes = hex.slice(-8).match(/../g) ?? []
  const ip = bytes
    .map((byte) => Number.parseInt(byte, 16))
    .reverse()
    .join('.')
  return { ip, port: portIn(address) }
}

/**
 * Waits until a process of this network namespace listens on a port on these IPs and no others.
 * One read is not enough: the kernel gives the table in pieces, and rows can be missing while other
 * tests open and close sockets.
 *
 * @param ips in the kernel's own spelling, hexadecimal in the byte order of the machine: `0100007F`
 * is 127.0.0.1
 */
export async function listeningOn(port: number, ips: readonly string[]): Promise<void> {
  const expected = [...ips].sort().join(' ')
  let found = ''
  await waitUntil(
    () => {
      found = [...new Set(ipsListeningOn(port))].sort().join(' ')
      return found === expected
    },
    () => `port ${port} on the IPs ${expected}, got ${found}`,
  )
}

function ipsListeningOn(port: number): readonly string[] {
  return ['tcp', 'tcp6']
    .flatMap((table) => rowsOf(`/proc/self/net/${table}`))
    .filter(([, local = '', , state]) => state === LISTENING && portIn(local) === port)
    .map(([, local = '']) => local.split(':')[0] ?? '')
}

/**
 * Whether a process's network namespace has sent something that was not acknowledged in time.
 */
export function isRetransmitting(pid: number): boolean {
  return rowsOf(`/proc/${pid}/net/tcp`).some(([, , , , , , retransmits = '']) => {
    return Number.parseInt(retransmits, 16) > 0
  })
}

/** The port of an address as the table has it: `0100007F:0FA1`. */
function portIn(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}

/**
 * The columns of each row: number, local address, remote address, state, queues, timer,
 * retransmits, and more.
 */
function rowsOf(table: string): readonly (readonly string[])[] {
  const rows = readFileSync(table, 'utf8').trim().split('\n').slice(1)
  return rows.map((row) => row.trim().split(/\s+/))
}

function namespaceOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/ns/net`)
}
