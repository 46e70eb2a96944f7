/**
 * Accepted WebSockets that have not proven the secret. Of each only one frame is read, and only
 * AUTH; nothing is sent before it fits. When there are too many, the oldest of the host with most
 * of them goes.
 */

import type { Socket } from 'node:net'
import type { AcceptorProof, Proven } from '../auth/proof.ts'
import { CloseCode, NORMAL_CLOSURE } from '../wire/close-codes.ts'
import { UNPROVEN_BYTES_MAX, UNPROVEN_MAX } from './limits.ts'
import { closeInTime, type MeshSocket } from './mesh-socket.ts'
import { oldestOfMost } from './oldest-of-most.ts'
import { remoteHostOf } from './remote-host.ts'

export interface Unproven {
  readonly socket: MeshSocket
  /** Its connection. */
  readonly tcp: Socket
  readonly proof: AcceptorProof
  /** It is a peer. Listeners must be attached before this returns. Not for a probe. */
  readonly onProven: (proven: Proven) => void
  /** It has proven nothing, and is being closed. */
  readonly onFailed: () => void
}

interface Entry {
  readonly host: string | undefined
  /** Ends the wait for a proof. */
  readonly end: () => void
}

/** For whoever fails, whatever the reason. */
export const WRONG_SECRET = 'wrong secret'

export class UnprovenLinks {
  readonly #timeoutMs: number
  /** Oldest first. */
  readonly #entries = new Map<MeshSocket, Entry>()

  /** @param timeoutMs how long a proof may take, in ms */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  get size(): number {
    return this.#entries.size
  }

  add({ socket, tcp, proof, onProven, onFailed }: Unproven): void {
    if (this.#entries.size >= UNPROVEN_MAX) this.#evict()
    let isFailed = false
    const fail = (): void => {
      if (isFailed) return
      isFailed = true
      end()
      onFailed()
      closeInTime(socket, CloseCode.WRONG_SECRET, WRONG_SECRET, () => {})
    }
    let bytes = 0
    // Also after a wrong proof, while the peer has its time to close.
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      socket.meter.take(chunk)
      if (bytes <= UNPROVEN_BYTES_MAX) return
      fail()
      socket.pause()
    }
    const onMessage = (data: unknown, isBinary: boolean): void => {
      const proven = isBinary ? undefined : proof.verify(String(data))
      if (proven === undefined) return fail()
      end()
      tcp.off('data', onData)
      // One write for the proof and the first message.
      tcp.cork()
      socket.send(proven.answer)
      if (proven.identity === undefined) closeInTime(socket, NORMAL_CLOSURE, '', () => {})
      else {
        socket.removeAllListeners()
        onProven(proven)
      }
      tcp.uncork()
    }
    const timer = setTimeout(fail, this.#timeoutMs)
    const end = (): void => {
      clearTimeout(timer)
      this.#entries.delete(socket)
      socket.off('message', onMessage)
    }
    this.#entries.set(socket, { host: remoteHostOf(tcp), end })
    tcp.prependListener('data', onData)
    socket.on('message', onMessage)
    socket.on('error', () => {})
    socket.once('close', end)
  }

  closeAll(): void {
    for (const socket of this.#entries.keys()) this.#terminate(socket)
  }

  #evict(): void {
    const oldest = oldestOfMost(this.#entries)
    if (oldest !== undefined) this.#terminate(oldest)
  }

  #terminate(socket: MeshSocket): void {
    this.#entries.get(socket)?.end()
    socket.terminate()
  }
}
