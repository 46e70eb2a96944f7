/** What attackers have in common: connections that come back as soon as they are closed. */

import { connect, type Socket } from 'node:net'
import { UPGRADE_REQUEST } from '../helpers/caller.ts'

/** Where a node listens. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** An attack that lasts until it is stopped. */
export interface Attack {
  /** How many connections it has opened so far. */
  readonly opened: number
  stop(): void
}

export interface Connections {
  readonly target: Target
  /** How many at a time. */
  readonly count: number
  /** IPs of this machine that they come from, in turn. Default: what the system chooses. */
  readonly from?: readonly string[]
  /** Pause before a connection is opened again that was closed, in ms. Default 0. */
  readonly pauseMs?: number
  /** What is done on each new connection. */
  readonly onConnect: (socket: Socket, index: number) => void
}

/** Connections that are opened again whenever they are closed. */
export function keepConnected({ target, count, onConnect, ...options }: Connections): Attack {
  const { from, pauseMs = 0 } = options
  const sockets = new Map<number, Socket>()
  const timers = new Set<NodeJS.Timeout>()
  let opened = 0
  let isStopped = false
  const open = (index: number): void => {
    if (isStopped) return
    const localAddress = from?.[index % from.length]
    const socket = connect({ ...target, ...(localAddress !== undefined && { localAddress }) })
    sockets.set(index, socket)
    opened += 1
    socket.on('error', () => {})
    socket.once('connect', () => onConnect(socket, index))
    socket.once('close', () => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        open(index)
      }, pauseMs)
      timers.add(timer)
    })
  }
  for (let index = 0; index < count; index += 1) open(index)
  return {
    get opened() {
      return opened
    },
    stop() {
      isStopped = true
      for (const timer of timers) clearTimeout(timer)
      for (const socket of sockets.values()) socket.destroy()
    },
  }
}

/** The bytes of an upgrade with these headers besides the usual ones. */
export function upgradeWith(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return UPGRADE_REQUEST.replace(/\r\n$/, `${lines.join('')}\r\n`)
}

/** A frame from a client (RFC 6455 §5.2). A mask of zeros leaves the bytes as they are. */
export function frameOf(opcode: number, payload: string, isFinal = true): Buffer {
  const bytes = Buffer.from(payload)
  const first = (isFinal ? 0x80 : 0) | opcode
  const { length } = bytes
  if (length < 126) return Buffer.concat([Buffer.from([first, 0x80 | length, 0, 0, 0, 0]), bytes])
  const header = Buffer.alloc(14)
  header.writeUInt8(first, 0)
  header.writeUInt8(0x80 | 127, 1)
  header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, bytes])
}

/** Without any HANDSHAKE a link is soon closed. */
export const EMPTY_HANDSHAKE = frameOf(0x1, '{"type":"HANDSHAKE","data":[]}')
