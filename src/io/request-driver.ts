/**
 * The driver of requests: carries facts about links to their core, its frames to their sockets, and
 * all else to the program. What a node asks itself takes the same way without a socket.
 */

import type { RequestInput, RequestOutput } from '../requests/outputs.ts'
import { Requests, type RequestsOptions } from '../requests/requests.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { decode } from '../wire/codec.ts'
import type { LinkFact, LinkId } from '../wire/link-facts.ts'
import type { RequestFact } from '../wire/request-messages.ts'
import { DeadlineTimer } from './deadline-timer.ts'
import type { MessageSockets } from './message-driver.ts'
import { Suspension } from './suspension.ts'

export interface RequestDriverOptions extends RequestsOptions {
  /** The id of this process run. */
  readonly own: string
  /** What the program has to do. */
  readonly onOutput: (output: Exclude<RequestOutput, { readonly kind: 'send' }>) => void
}

/** The link to this node itself: no socket has it. */
const OWN_LINK: LinkId = 0

export class RequestDriver {
  readonly #core: Requests
  readonly #sockets: Pick<MessageSockets, 'send'>
  readonly #options: RequestDriverOptions
  readonly #timer = new DeadlineTimer(() => this.input({ kind: 'deadline' }))
  readonly #suspension = new Suspension()

  constructor(options: RequestDriverOptions, sockets: Pick<MessageSockets, 'send'>) {
    this.#options = options
    this.#sockets = sockets
    this.#core = new Requests(options)
    this.input({ kind: 'link-ready', link: OWN_LINK, peer: options.own, verified: true })
  }

  handle(fact: LinkFact | RequestFact): void {
    if (fact.kind === 'message-received') return
    if (fact.kind === 'link-ready' && fact.requests !== true) return
    this.input(fact)
  }

  input(input: RequestInput): void {
    const totalMs = this.#suspension.change()
    if (totalMs !== undefined) this.#core.handle({ kind: 'suspended', totalMs }, monotonicMs())
    for (const output of this.#core.handle(input, monotonicMs())) {
      if (output.kind === 'send') this.#send(output.link, output.text)
      else this.#options.onOutput(output)
    }
    this.#timer.arm(this.#core.deadlineMs())
  }

  #send(link: LinkId, text: string): void {
    const onTaken = (): void => this.input({ kind: 'frame-taken', link, chars: text.length })
    if (link !== OWN_LINK) return this.#sockets.send(link, text, onTaken)
    setImmediate(() => {
      const decoded = decode({ kind: 'text', text }, 0)
      if (decoded.kind !== 'message') throw new Error('a frame of our own is no message')
      const { message } = decoded
      onTaken()
      if (message.type === 'REQUEST' || message.type === 'RESPONSE' || message.type === 'CANCEL') {
        this.input({ kind: 'request-received', link, message, chars: text.length })
      }
    })
  }
}
