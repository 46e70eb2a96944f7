/**
 * The driver: carries facts from sockets and timers to the core, and the core's orders back. It
 * decides nothing about the mesh. Its one law: all orders of one fact are carried out before the
 * next fact is told, so that the core never hears of a result before it has finished ordering.
 */

import type { WebSocket } from 'ws'
import type { MeshEvent } from '../mesh/events.ts'
import type { Input, LinkId } from '../mesh/inputs.ts'
import { FREEZE_MS, TIMER_MS_MAX } from '../mesh/limits.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Output } from '../mesh/outputs.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { ABNORMAL_CLOSURE, CloseCode } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { Dialer } from './dialer.ts'
import { guarded } from './guarded.ts'
import { closeInTime } from './mesh-socket.ts'
import { SendBacklog } from './send-backlog.ts'
import type { Traffic } from './traffic.ts'

/** What a driver brings together. */
export interface DriverOptions {
  readonly mesh: Pick<Mesh, 'handle' | 'deadlineMs'>
  readonly dialer: Pick<Dialer, 'dial'>
  /** What it throws surfaces as an uncaught error, after all orders of the fact are carried out. */
  readonly onEvent: (event: MeshEvent) => void
  /** Who counts what goes over the links. Default: nobody. */
  readonly traffic?: Traffic
  /**
   * How often a link with too much unsent is looked at, in ms. Default {@link BACKLOG_CHECK_MS}.
   */
  readonly backlogCheckMs?: number
}

/** Drives one core. */
export class Driver {
  readonly #options: DriverOptions
  readonly #report: (event: MeshEvent) => void
  readonly #traffic: Traffic | undefined
  /** The sockets of links that the core knows. */
  readonly #sockets = new Map<LinkId, WebSocket>()
  /** The sockets of links that it closed. */
  readonly #closing = new Set<WebSocket>()
  readonly #backlog: SendBacklog
  readonly #inputs: Input[] = []
  #draining = false
  #lastLink: LinkId = 0
  #timer: NodeJS.Timeout | undefined
  #armedForMs: number | undefined
  #whenStopped: Promise<void> | undefined
  #onAllClosed: (() => void) | undefined

  constructor(options: DriverOptions) {
    this.#options = options
    this.#report = guarded(options.onEvent)
    this.#traffic = options.traffic
    const onStuck = (link: LinkId): void => this.#tell({ kind: 'backlog-stuck', link })
    this.#backlog = new SendBacklog(onStuck, options.backlogCheckMs)
  }

  /** The node listens. */
  start(): void {
    this.#tell({ kind: 'started' })
  }

  /**
   * Closes all links with 1001, and resolves when all sockets are gone, which takes 0.5 s at most.
   * Idempotent.
   */
  stop(): Promise<void> {
    if (this.#whenStopped === undefined) {
      this.#whenStopped = new Promise((resolve) => {
        this.#onAllClosed = resolve
      })
      this.#tell({ kind: 'stop-requested' })
    }
    return this.#whenStopped
  }

  /** Somebody looks at the mesh. */
  survey(): void {
    this.#tell({ kind: 'survey-wanted' })
  }

  /** A peer has dialed us. */
  accept(socket: WebSocket, remote: string, identity: Identity | undefined): void {
    const link = this.#adopt(socket)
    this.#tell({ kind: 'link-accepted', link, remote, identity })
  }

  /**
   * Tells the core a fact, and carries out what it orders. Facts that come meanwhile wait their
   * turn.
   */
  #tell(input: Input): void {
    this.#inputs.push(input)
    if (this.#draining) return
    this.#draining = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const output of this.#options.mesh.handle(next, monotonicMs())) this.#obey(output)
      }
    } finally {
      this.#draining = false
    }
    this.#arm()
    this.#endStop()
  }

  #obey(output: Output): void {
    switch (output.kind) {
      case 'dial': {
        const { address } = output
        return this.#options.dialer.dial(output, (result) => {
          this.#traffic?.dialEnded(result.kind === 'failed' ? result.failure : 'opened')
          if (result.kind === 'failed') {
            const isOverdue = result.failure === 'no-answer'
            return this.#tell({ kind: 'dial-failed', address, reason: result.reason, isOverdue })
          }
          const link = this.#adopt(result.socket)
          this.#tell({ kind: 'dial-succeeded', address, link, identity: result.identity })
        })
      }
      case 'send':
        return this.#send(output.link, output.text)
      case 'ping': {
        const socket = this.#sockets.get(output.link)
        if (socket === undefined || socket.readyState !== socket.OPEN) return
        this.#traffic?.pinged(output.link)
        return socket.ping()
      }
      case 'close':
        return this.#close(output.link, output.frame.code, output.frame.reason)
      case 'report':
        return this.#report(output.event)
      default:
        output satisfies never
    }
  }

  // --- Sockets -----------------------------------------------------------------------------------

  #adopt(socket: WebSocket): LinkId {
    this.#lastLink += 1
    const link = this.#lastLink
    this.#sockets.set(link, socket)
    socket.on('message', (data, isBinary) => {
      const frame = isBinary
        ? ({ kind: 'binary', bytes: byteLength(data) } as const)
        : ({ kind: 'text', text: String(data) } as const)
      this.#traffic?.frameReceived(byteLength(data), isBinary ? undefined : frame.text)
      this.#tell({ kind: 'frame-received', link, frame })
    })
    socket.on('ping', () => this.#tell({ kind: 'ping-received', link }))
    socket.on('pong', () => {
      this.#traffic?.ponged(link)
      this.#tell({ kind: 'pong-received', link })
    })
    socket.on('error', (error) => {
      // Only what ws itself refuses to read is news; whatever else breaks ends in `close`, too.
      const code = closeCodeOf(error)
      if (code === undefined) return
      this.#tell({ kind: 'frame-unreadable', link, code, reason: error.message })
    })
    socket.on('close', (code, reason) => {
      // The core never hears again of a link that it closed.
      if (!this.#sockets.delete(link)) return
      this.#backlog.remove(link)
      this.#traffic?.linkClosed(link, code === ABNORMAL_CLOSURE ? 'network' : 'peer', code)
      this.#tell({ kind: 'link-closed', link, code, reason: reason.toString() })
    })
    return link
  }

  #send(link: LinkId, text: string): void {
    const socket = this.#sockets.get(link)
    if (socket === undefined || socket.readyState !== socket.OPEN) return
    socket.send(text)
    this.#traffic?.frameSent(text)
    this.#backlog.sent(link, socket)
  }

  #close(link: LinkId, code: number, reason: string): void {
    const socket = this.#sockets.get(link)
    if (socket === undefined) return
    this.#sockets.delete(link)
    this.#backlog.remove(link)
    this.#traffic?.linkClosed(link, 'us', code)
    if (socket.readyState === socket.CLOSED) return
    this.#closing.add(socket)
    closeInTime(socket, code, reason, () => {
      this.#closing.delete(socket)
      this.#endStop()
    })
  }

  /** Orders may still be under way that close more: a listener can ask us to stop amid them. */
  #endStop(): void {
    if (!this.#draining && this.#closing.size === 0) this.#onAllClosed?.()
  }

  // --- Time --------------------------------------------------------------------------------------

  /** Keeps one timer of the runtime armed for the core's next deadline. */
  #arm(): void {
    const deadlineMs = this.#options.mesh.deadlineMs()
    if (deadlineMs === this.#armedForMs) return
    this.#armedForMs = deadlineMs
    clearTimeout(this.#timer)
    if (deadlineMs === undefined) return
    const waitMs = Math.min(Math.max(0, Math.ceil(deadlineMs - monotonicMs())), TIMER_MS_MAX)
    this.#timer = setTimeout(() => this.#onTimer(deadlineMs), waitMs)
  }

  #onTimer(deadlineMs: number): void {
    const ring = (): void => {
      this.#armedForMs = undefined
      this.#tell({ kind: 'deadline' })
    }
    const lateMs = Math.max(0, monotonicMs() - deadlineMs)
    this.#traffic?.timerFired(lateMs)
    // After a freeze (SIGSTOP, a suspended laptop) timers run before sockets are read. What peers
    // sent meanwhile comes first, or all of them would seem silent.
    if (lateMs > FREEZE_MS) setImmediate(ring)
    else ring()
  }
}

/**
 * The close code that `ws` sends for a frame that it does not read, or undefined for any other
 * error.
 */
function closeCodeOf(error: Error): CloseCode | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  switch (code) {
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return CloseCode.TOO_BIG
    case 'WS_ERR_INVALID_UTF8':
      return CloseCode.INVALID_PAYLOAD
    default:
      return code.startsWith('WS_ERR_') ? CloseCode.PROTOCOL_ERROR : undefined
  }
}

function byteLength(data: Buffer | ArrayBuffer | Buffer[]): number {
  if (Array.isArray(data)) return data.reduce((sum, part) => sum + part.length, 0)
  return data.byteLength
}
