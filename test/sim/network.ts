/**
 * The simulated network: latency, sockets that behave as in TCP, and failures of paths. What is
 * sent on one socket arrives in order. A blocked path holds what is sent until it opens, as TCP's
 * retransmissions do; a cut connection (a NAT that dropped it) loses all of it without an error.
 */

import type { Address } from '../../src/mesh/address/address.ts'
import type { Identity } from '../../src/wire/headers.ts'
import { Dial, type DialOptions } from './dial.ts'
import type { Place } from './place.ts'
import type { Process } from './process.ts'
import type { Random } from './random.ts'
import { bytesOf, SlowLine } from './slow-line.ts'
import type { VirtualTime } from './virtual-time.ts'

/** A frame. The functions are called in the process of the sender. */
interface TextPacket {
  readonly kind: 'text'
  readonly text: string
  /** Called once it has left that process. */
  readonly onTaken?: (() => void) | undefined
  /** Called once the peer has read it. */
  readonly onRead?: (() => void) | undefined
}

/** What travels on a socket. */
export type Packet =
  | { readonly kind: 'request'; readonly identity: Identity | undefined }
  | { readonly kind: 'upgraded'; readonly identity: Identity | undefined }
  | TextPacket
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'reset' }

/** One end of a connection. */
export interface Socket {
  readonly process: Process
  /** The other end. */
  peer: Socket
  /** The dial that made it; undefined at the acceptor's end. */
  dial: Dial | undefined
  /** The process's id for it. */
  link: number
  open: boolean
  /** When it opened for the dialer; at the dialer's end. */
  openedMs: number
  /** Since when what it sends is lost; undefined while it is not. */
  cutMs: number | undefined
  /** Sent, and waiting for the path to open. */
  readonly held: Packet[]
  /** Sent to a machine that reads slowly. */
  line: SlowLine | undefined
  /** From when on nothing arrives any more that it has sent. */
  lostFromMs: number
  /** When the last packet that it sent arrives. */
  lastArrivalMs: number
  /** When the last of them arrives that was lost before. */
  resentMs: number
}

/**
 * A split of the places. What goes from one side to the other is held; one-sided: only from `a` to
 * `b`.
 */
export interface Partition {
  readonly a: ReadonlySet<Place>
  readonly oneSided: boolean
}

/** How slow the network is: each packet takes `minMs` to `maxMs`. */
export interface Latency {
  readonly minMs: number
  readonly maxMs: number
  /** The share of packets that is lost, from 0 to below 1, and sent again. Default: 0. */
  readonly loss?: number
}

/** What an observer sees of a packet that leaves. */
export interface Flight {
  readonly from: Place
  readonly to: Place
  /** `dial`: a SYN. */
  readonly packet: Packet | { readonly kind: 'dial' }
  readonly sentMs: number
  readonly arrivalMs: number
}

/** TCP sends a lost packet again after this time, then after twice as long, and so on. */
const RETRANSMISSION_MS = 200

/** After a path opens, TCP retransmits when its backoff says so. */
const RETRANSMIT_MS_MAX = 3_000

/**
 * How often the kernel of an acceptor sends keep-alive probes, and after how long it gives up.
 */
const KEEP_ALIVE_MS = 60_000
const KEEP_ALIVE_GIVE_UP_MS = 60_000 + 9 * 75_000

/** How long a socket that is closed may still send what waits, in ms; as io/mesh-socket.ts. */
const CLOSE_MS_MAX = 500

/** The network. */
export class Network {
  readonly time: VirtualTime
  readonly #random: Random
  readonly #latency: Latency
  readonly #places = new Map<Address, Place>()
  /** Addresses that drop every packet. Any other address without a place refuses. */
  readonly #blackHoles = new Set<Address>()
  readonly #partitions = new Set<Partition>()
  readonly #holding = new Set<Socket>()
  /** Called when an end of a connection is gone. */
  onDropped: (socket: Socket) => void = () => {}
  /** Called when a packet leaves. */
  onFlight: (flight: Flight) => void = () => {}
  /** Until when there was a partition, and what it held was under way. */
  blockedMs = Number.NEGATIVE_INFINITY

  constructor(time: VirtualTime, random: Random, latency: Latency) {
    this.time = time
    this.#random = random
    this.#latency = latency
  }

  addPlace(place: Place): void {
    for (const address of [place.address, ...place.aliases]) this.#places.set(address, place)
  }

  addBlackHole(address: Address): void {
    this.#blackHoles.add(address)
  }

  /** The place of an address. */
  resolve(address: Address): Place | 'black-hole' | 'unused' {
    return this.#places.get(address) ?? (this.#blackHoles.has(address) ? 'black-hole' : 'unused')
  }

  drawLatencyMs(): number {
    const { minMs, maxMs, loss = 0 } = this.#latency
    let ms = this.#random.between(minMs, maxMs)
    // Without loss nothing is drawn for it: seeds keep their runs.
    for (let waitMs = RETRANSMISSION_MS; loss > 0 && this.#random.chance(loss); waitMs *= 2) {
      ms += waitMs
    }
    return ms
  }

  /** Whether packets from one place do not reach the other at the moment. */
  isBlocked(from: Place, to: Place): boolean {
    for (const { a, oneSided } of this.#partitions) {
      if (a.has(from) && !a.has(to)) return true
      if (!oneSided && !a.has(from) && a.has(to)) return true
    }
    return false
  }

  split(partition: Partition): void {
    this.#partitions.add(partition)
    this.blockedMs = Number.POSITIVE_INFINITY
  }

  /** The partition ends. What was held arrives as soon as TCP tries again. */
  heal(partition: Partition): void {
    this.#partitions.delete(partition)
    if (this.#partitions.size === 0) this.blockedMs = this.time.nowMs + RETRANSMIT_MS_MAX
    for (const socket of this.#holding) {
      if (this.isBlocked(socket.process.place, socket.peer.process.place)) continue
      this.#holding.delete(socket)
      this.time.after(this.#random.between(0, RETRANSMIT_MS_MAX), () => this.#retransmit(socket))
    }
  }

  /** Dials. Calls `onOpened` or `onDialFailed` of the process once. */
  dial(dialer: Process, address: Address, options: DialOptions): void {
    new Dial(this, dialer, address, options).begin()
  }

  /** A connection between two processes, by its two ends. */
  connect(dialer: Process, acceptor: Process, dial: Dial): Socket {
    const near = newSocket(dialer, dial)
    const far = newSocket(acceptor, undefined)
    near.peer = far
    far.peer = near
    dialer.sockets.add(near)
    acceptor.sockets.add(far)
    return near
  }

  send(socket: Socket, packet: Packet): void {
    if (socket.line?.isEmpty !== false) {
      const { place } = socket.peer.process
      if (place.bytesPerMs === undefined) return this.#transmit(socket, packet)
      const transmit = (one: Packet): void => this.#transmit(socket, one)
      socket.line ??= new SlowLine(this.time, () => place.bytesPerMs, transmit)
    }
    socket.line.push(packet)
  }

  /** What is sent and has not left the process, in bytes. */
  unsentBytes({ held, line }: Socket): number {
    const heldBytes = held.reduce((sum, packet) => sum + bytesOf(packet), 0)
    return heldBytes + (line?.bytes ?? 0)
  }

  #transmit(socket: Socket, packet: Packet): void {
    const { cutMs, process, peer, held } = socket
    // The kernel keeps it, and nobody gets it.
    if (cutMs !== undefined) return this.#taken(socket, packet)
    if (held.length > 0 || this.isBlocked(process.place, peer.process.place)) {
      held.push(packet)
      if (held.length === 1) this.#holding.add(socket)
      return
    }
    this.#taken(socket, packet)
    const latencyMs = this.drawLatencyMs()
    socket.lastArrivalMs = Math.max(socket.lastArrivalMs, this.time.nowMs + latencyMs)
    const arrivalMs = socket.lastArrivalMs
    if (latencyMs > this.#latency.maxMs) socket.resentMs = arrivalMs
    const { nowMs: sentMs } = this.time
    this.onFlight({ from: process.place, to: peer.process.place, packet, sentMs, arrivalMs })
    this.time.at(arrivalMs, () => {
      const isLost = packet.kind !== 'reset' && arrivalMs >= socket.lostFromMs
      if (!isLost) this.#arrive(peer, packet)
    })
  }

  #taken({ process }: Socket, packet: Packet): void {
    const onTaken = packet.kind === 'text' ? packet.onTaken : undefined
    if (onTaken !== undefined) this.time.after(0, () => process.receive(onTaken))
  }

  /** Ends a connection in good order. */
  close(socket: Socket, code: number, reason: string): void {
    this.send(socket, { kind: 'close', code, reason })
    this.drop(socket)
    if (socket.line?.isEmpty === false) {
      this.time.after(CLOSE_MS_MAX, () => {
        if (socket.line?.isEmpty === false) this.#resetLine(socket)
      })
    }
  }

  /** Ends a connection as a kernel does for a process that is gone. */
  reset(socket: Socket): void {
    this.#resetLine(socket)
    this.drop(socket)
  }

  /** Whatever a socket has not sent is lost. */
  lose(socket: Socket): void {
    socket.held.length = 0
    socket.line?.clear()
  }

  /** The reset of a process that dies overtakes some of what it has sent. */
  loseUnderWay({ sockets }: Process): void {
    for (const socket of sockets) {
      socket.lostFromMs = this.time.nowMs + this.drawLatencyMs() * this.#random.unit()
    }
  }

  /** A router ends a connection at both ends; what is under way is lost. */
  sever(socket: Socket): void {
    for (const end of [socket, socket.peer]) {
      this.lose(end)
      end.process.receive(() => {
        if (end.open) end.process.take(end, { kind: 'reset' })
      })
    }
  }

  #resetLine(socket: Socket): void {
    socket.line?.clear()
    this.#transmit(socket, { kind: 'reset' })
  }

  /** Removes this end; the other end gets no packet. */
  drop(socket: Socket): void {
    socket.open = false
    socket.process.sockets.delete(socket)
    this.onDropped(socket)
    if (socket.peer.open && socket.peer.dial === undefined) this.#keepAlive(socket.peer, 0)
  }

  #arrive(socket: Socket, packet: Packet): void {
    const { process, peer } = socket
    if (socket.open && process.alive) {
      process.receive(() => {
        if (!socket.open) return this.#answerForClosed(socket, packet)
        const onRead = packet.kind === 'text' ? packet.onRead : undefined
        if (onRead !== undefined) peer.process.receive(onRead)
        process.take(socket, packet)
      })
    } else if (peer.open && process.place.powered) {
      this.#answerForClosed(socket, packet)
    }
  }

  #answerForClosed(socket: Socket, packet: Packet): void {
    if (packet.kind !== 'reset' && packet.kind !== 'close') this.send(socket, { kind: 'reset' })
  }

  #retransmit(socket: Socket): void {
    for (const packet of socket.held.splice(0)) this.#transmit(socket, packet)
  }

  /** The other end of this acceptor's socket is gone: keep-alive detects it. */
  #keepAlive(socket: Socket, sinceMs: number): void {
    this.time.after(KEEP_ALIVE_MS, () => {
      if (!socket.open) return
      const waitedMs = sinceMs + KEEP_ALIVE_MS
      const { process, peer } = socket
      const there = peer.process.place
      const lost = isCut(socket) || this.isBlocked(process.place, there) || !there.powered
      if (lost && waitedMs < KEEP_ALIVE_GIVE_UP_MS) return this.#keepAlive(socket, waitedMs)
      this.#arrive(socket, { kind: 'reset' })
    })
  }
}

/** Whether a connection carries nothing in one direction at least, and never will again. */
export function isCut(socket: Socket): boolean {
  return socket.cutMs !== undefined || socket.peer.cutMs !== undefined
}

function newSocket(process: Process, dial: Dial | undefined): Socket {
  const socket = {
    process,
    dial,
    link: 0,
    open: true,
    openedMs: 0,
    cutMs: undefined,
    held: [],
    line: undefined,
    lostFromMs: Number.POSITIVE_INFINITY,
    lastArrivalMs: 0,
    resentMs: Number.NEGATIVE_INFINITY,
  } as Omit<Socket, 'peer'> & { peer?: Socket }
  socket.peer = socket as Socket
  return socket as Socket
}
