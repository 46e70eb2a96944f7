/**
 * A model of io/message-driver.ts: carries inputs to the core of messages, and its frames to the
 * network.
 */

import { FRAMES_PER_TURN_MAX } from '../../../src/io/limits.ts'
import type { Output, PubSubInput } from '../../../src/pubsub/outputs.ts'
import type { PubSub } from '../../../src/pubsub/pubsub.ts'
import type { Process } from '../process.ts'

/** The sockets of a node, by link. */
export interface MessageSockets {
  /** `onTaken`: once it has left the process. `onRead`: once the peer has it. */
  send(link: number, text: string, onTaken: () => void, onRead?: () => void): void
  unsentBytes(link: number): number
}

export interface DriverModelOptions {
  readonly core: Pick<PubSub, 'deadlineMs' | 'handle'> & { readonly isTurnOpen: () => boolean }
  readonly process: Process
  readonly sockets: MessageSockets
  /** The socket of a link has taken all that it was given. */
  readonly onAllTaken: (link: number) => void
  /** An input was carried out. */
  readonly onChanged: () => void
}

/** A link that is ready for messages. */
interface Way {
  untaken: number
  isAwaited: boolean
  readonly onTaken: () => void
}

export class DriverModel {
  readonly #options: DriverModelOptions
  readonly #ways = new Map<number, Way>()
  readonly #drained: number[] = []
  #isTurnOpen = false
  #goesOn = false
  #armedForMs: number | undefined

  constructor(options: DriverModelOptions) {
    this.#options = options
  }

  open(link: number): void {
    const way: Way = {
      untaken: 0,
      isAwaited: false,
      onTaken: () => {
        way.untaken -= 1
        if (way.untaken > 0) return
        if (!this.#ways.has(link)) return
        this.#options.onAllTaken(link)
        if (!way.isAwaited) return
        way.isAwaited = false
        this.input({ kind: 'link-drained', link })
      },
    }
    this.#ways.set(link, way)
  }

  close(link: number): void {
    if (this.#ways.delete(link)) this.input({ kind: 'link-gone', link })
  }

  input(input: PubSubInput): void {
    const { core, onChanged } = this.#options
    this.#handle(input)
    this.#goOn()
    onChanged()
    if (core.isTurnOpen()) this.endTurnSoon()
    this.#arm()
  }

  #handle(input: PubSubInput): void {
    const { core, process } = this.#options
    this.#execute(core.handle(input, process.network.time.nowMs))
  }

  #goOn(): void {
    for (let frames = 1; frames < FRAMES_PER_TURN_MAX && this.#drained.length > 0; frames += 1) {
      this.#handle({ kind: 'links-drained', links: this.#drained.splice(0) })
    }
    if (this.#drained.length === 0 || this.#goesOn) return
    this.#goesOn = true
    this.#soon(() => {
      this.#goesOn = false
      this.#goOn()
    })
  }

  #execute(outputs: readonly Output[]): void {
    const { onAllTaken, sockets } = this.#options
    const full: number[] = []
    for (const output of outputs) {
      const { awaitsDrain, link } = output
      const way = this.#ways.get(link)
      if (way === undefined) continue
      way.untaken += 1
      sockets.send(link, output.text, way.onTaken)
      if (sockets.unsentBytes(link) === 0) {
        onAllTaken(link)
        if (awaitsDrain) this.#drained.push(link)
      } else {
        if (!awaitsDrain && !way.isAwaited) full.push(link)
        way.isAwaited = true
      }
    }
    for (const link of full) this.#handle({ kind: 'link-full', link })
  }

  endTurnSoon(): void {
    if (this.#isTurnOpen) return
    this.#isTurnOpen = true
    this.#soon(() => {
      this.#isTurnOpen = false
      this.input({ kind: 'turn-ended' })
    })
  }

  #soon(job: () => void): void {
    const { process } = this.#options
    process.network.time.after(0, () => process.receive(job))
  }

  /** A deadline that moved back is found when the timer of the old one fires. */
  #arm(): void {
    const { core, process } = this.#options
    const deadlineMs = core.deadlineMs()
    if (deadlineMs === undefined) return
    if (this.#armedForMs !== undefined && this.#armedForMs <= deadlineMs) return
    this.#armedForMs = deadlineMs
    process.network.time.at(deadlineMs, () => {
      process.ring(() => {
        process.afterReading(() => {
          if (this.#armedForMs !== deadlineMs) return
          this.#armedForMs = undefined
          this.input({ kind: 'deadline' })
        })
      })
    })
  }
}
