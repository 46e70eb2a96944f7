/**
 * `lan`: a node announces its address on the LAN whenever it is asked, and receives what others
 * announce. The receiver of a packet dials its address, and sends no answer.
 */

import { systemCodeOf, textOf } from '../errors/system-error.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { networkIps } from '../runtime/on-demand.ts'
import { Announcements } from './announcements.ts'
import type { Answer } from './ask.ts'
import { encodeLanPackets, type LanMesh } from './lan-packet.ts'
import { LanSocket, type LanSocketOptions } from './lan-socket.ts'
import {
  LAN_INTERFACES_MAX,
  LAN_PACKETS_PER_SECOND,
  LAN_PORT,
  PROBLEM_CHARS_MAX,
} from './limits.ts'

export interface LanOptions {
  /** What the node announces: where others dial it. */
  readonly ownAddress: Address
  /** As it is now: secrets change. */
  readonly mesh: () => LanMesh
  /** A node has announced itself that had not. */
  readonly onAnswer: (answer: Answer) => void
  /** Default: {@link LanSocket.open}. */
  readonly open?: (options: LanSocketOptions) => Promise<Pick<LanSocket, 'announce' | 'close'>>
  readonly nowMs?: () => number
}

export class Lan {
  readonly #options: LanOptions
  readonly #announcements: Announcements
  #socket: Pick<LanSocket, 'announce' | 'close'> | undefined
  #isFlooded = false

  constructor(options: LanOptions) {
    this.#options = options
    this.#announcements = new Announcements(options.ownAddress, this.#nowMs())
  }

  /** Announces the node, and gives what others have announced. Never throws. */
  async ask(signal: AbortSignal): Promise<Answer> {
    let problem: string | undefined
    try {
      await this.#announce(signal)
    } catch (error) {
      problem = problemOf(error)
    }
    return this.#answer(problem)
  }

  /**
   * By a new socket each time: interfaces come and go, and switches forget who has joined a group
   * long ago.
   */
  async #announce(signal: AbortSignal): Promise<void> {
    const { mesh, open = LanSocket.open, ownAddress } = this.#options
    this.#socket?.close()
    const ips = announcingIps(ownAddress, networkIps())
    const onPacket = (bytes: Buffer, host: string): void => this.#receive(bytes, host)
    const socket = await open({ ips, onPacket, signal })
    if (signal.aborted) return
    this.#socket = socket
    await socket.announce(encodeLanPackets(mesh(), ownAddress))
  }

  #receive(bytes: Buffer, host: string): void {
    const { mesh, onAnswer } = this.#options
    const received = this.#announcements.receive(mesh(), bytes, host, this.#nowMs())
    if (received === 'new') onAnswer(this.#answer(undefined))
    this.#isFlooded = received === 'flood'
    // A packet that is read and dropped costs almost as much as one that counts.
    if (received === 'flood') this.#socket?.close()
  }

  #answer(problem: string | undefined): Answer {
    const nowMs = this.#nowMs()
    const addresses = this.#announcements.addresses(nowMs)
    if (addresses.length > 0) return { addresses, problem: undefined }
    if (problem !== undefined) return { addresses, problem }
    if (this.#isFlooded) return { addresses, problem: FLOODED }
    return { addresses, problem: this.#announcements.areForeign(nowMs) ? FOREIGN : NOBODY }
  }

  #nowMs(): number {
    const { nowMs = monotonicMs } = this.#options
    return nowMs()
  }
}

/** The IPs of the interfaces on which a node announces an address: where it leads to, or all. */
export function announcingIps(own: Address, ofMachine: readonly string[]): readonly string[] {
  const host = hostOf(own)
  if (isLoopbackHost(host)) return ['127.0.0.1']
  const ips = ofMachine.filter((ip) => ipVersion(ip) === 4)
  if (ips.includes(host)) return [host]
  if (ips.length > 0) return ips.slice(0, LAN_INTERFACES_MAX)
  // Deno does not tell them. Without an IP the system chooses an interface.
  return [ipVersion(host) === 4 ? host : '0.0.0.0']
}

const NOBODY = 'no other node has announced itself yet'

const FOREIGN = 'only nodes of another mesh, or with another secret, have announced themselves'

const FLOODED = `more than ${LAN_PACKETS_PER_SECOND} packets a second come to UDP port ${LAN_PORT}, and are not read; find who sends them`

function problemOf(error: unknown): string {
  const code = systemCodeOf(error)
  switch (code) {
    case 'EADDRINUSE':
      return `another program has UDP port ${LAN_PORT} for itself`
    case 'EACCES':
    case 'EPERM':
      return 'the system permits no multicast; look at its firewall'
    case 'EADDRNOTAVAIL':
    case 'EHOSTUNREACH':
    case 'EINVAL':
    case 'ENETDOWN':
    case 'ENETUNREACH':
    case 'ENODEV':
      return 'no network with multicast'
    default: {
      const text = code ?? textOf(error)
      return `multicast failed: ${text.slice(0, PROBLEM_CHARS_MAX)}`
    }
  }
}
