/** The UDP socket of a node on the LAN. `node:dgram` is loaded by the first one. */

import type { Socket } from 'node:dgram'
import { LAN_GROUP, LAN_PORT, LAN_TTL } from './limits.ts'

export interface LanSocketOptions {
  /** The IPs of the interfaces on which it sends and receives, at least one. */
  readonly ips: readonly string[]
  readonly onPacket: (bytes: Buffer, host: string) => void
  /** Closes it. */
  readonly signal: AbortSignal
}

export class LanSocket {
  readonly #socket: Socket
  readonly #ips: readonly string[]

  #isOpen = true

  private constructor(socket: Socket, { ips, onPacket, signal }: LanSocketOptions) {
    this.#socket = socket
    this.#ips = ips
    const close = (): void => this.close()
    socket.on('message', (bytes, { address }) => onPacket(bytes, address))
    // The next announcement has another socket.
    socket.on('error', close)
    signal.addEventListener('abort', close)
    socket.once('close', () => signal.removeEventListener('abort', close))
    if (signal.aborted) close()
  }

  /** @throws {Error} when another program has the port for itself, or the system refuses it */
  static async open(options: LanSocketOptions): Promise<LanSocket> {
    const { createSocket } = process.getBuiltinModule('node:dgram')
    const socket = createSocket({ type: 'udp4', reuseAddr: true }).unref()
    // Only Linux lets it receive what is sent to the group and nothing else.
    const address = process.platform === 'linux' ? LAN_GROUP : '0.0.0.0'
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close()
        reject(error)
      })
      socket.bind({ port: LAN_PORT, address }, () => {
        socket.removeAllListeners('error')
        resolve()
      })
    })
    return new LanSocket(socket, options)
  }

  /**
   * Joins the group on all interfaces and sends packets there.
   *
   * @throws {Error} the first one, when that fails on all of them
   */
  async announce(packets: readonly string[]): Promise<void> {
    const errors: unknown[] = []
    for (const ip of this.#ips) {
      try {
        await this.#announceOn(ip, packets)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length === this.#ips.length) throw errors[0]
  }

  /** Idempotent. */
  close(): void {
    if (this.#isOpen) this.#socket.close()
    this.#isOpen = false
  }

  async #announceOn(ip: string, packets: readonly string[]): Promise<void> {
    this.#socket.addMembership(LAN_GROUP, ip)
    this.#socket.setMulticastTTL(LAN_TTL)
    this.#socket.setMulticastInterface(ip)
    for (const packet of packets) await this.#send(packet)
  }

  #send(packet: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(packet, LAN_PORT, LAN_GROUP, (error) => (error ? reject(error) : resolve()))
    })
  }
}
