/** Requests of a program to its peers, and its responders. */

import { randomBytes } from 'node:crypto'
import { stringOf, textOf } from '../errors/system-error.ts'
import type { RequestDriverOptions } from '../io/request-driver.ts'
import type { NodeEvent } from '../log/events.ts'
import { quoted, valueText } from '../log/printable.ts'
import { parseAddress } from '../mesh/address/address.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { TIMEOUT_MS, TIMEOUT_MS_MAX } from '../requests/limits.ts'
import type {
  Call,
  Outcome,
  Question,
  Reply,
  RequestInput,
  RequestTotals,
} from '../requests/outputs.ts'
import type { Json } from '../wire/feed-messages.ts'
import { parseMeshId } from '../wire/headers.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Body } from '../wire/request-messages.ts'
import { encode } from './messages.ts'
import type { Peer } from './peers.ts'
import { requestError } from './request-error.ts'

export interface RequestOptions {
  /** From 1 to 2,147,483,647 ms. By default 10,000. */
  readonly timeoutMs?: number | undefined
  /** Ends the request, which then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined
}

/** What a peer asks. */
export interface IncomingRequest {
  readonly topic: string
  readonly body: Json | Uint8Array
  /** The address of the peer; undefined when its connection has just ended. */
  readonly from: string | undefined
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** What one peer answered, or why it did not. */
export type PeerAnswer =
  | { readonly from: string; readonly body: Json | Uint8Array; readonly error?: never }
  | { readonly from: string; readonly error: Error; readonly body?: never }

export type Responder = (request: IncomingRequest) => unknown

/** A request that is open. */
interface Open {
  readonly to: string
  readonly topic: string
  readonly timeoutMs: number
  readonly resolve: (body: Json | Uint8Array) => void
  readonly reject: (error: unknown) => void
}

export interface NodeRequestsOptions {
  readonly own: { readonly id: string; readonly address: string }
  readonly mesh: Pick<Mesh, 'addressOn' | 'connectedAddresses' | 'linkTo' | 'spellingsOf'>
  /** The address of a process run that was connected once, or what was given. */
  readonly addressOf: (peer: string) => string
  readonly input: (input: RequestInput) => void
  readonly report: (event: NodeEvent) => void
}

export class NodeRequests {
  readonly #options: NodeRequestsOptions
  readonly #responders = new Map<string, Responder>()
  readonly #running = new Map<Call, AbortController>()
  readonly #open = new Map<number, Open>()
  #lastId = 0
  /** How many peers had carried out here. */
  #received = 0
  readonly #outcomes = {
    answered: 0,
    abandoned: 0,
    NO_RESPONDER: 0,
    PEER_GONE: 0,
    RESPONDER_FAILED: 0,
    TIMEOUT: 0,
    TOO_MANY_REQUESTS: 0,
  }

  constructor(options: NodeRequestsOptions) {
    this.#options = options
  }

  /** What the driver needs. */
  get port(): RequestDriverOptions {
    const { own } = this.#options
    return {
      own: own.id,
      find: (to) => this.#find(to),
      drawSeries: () => randomBytes(16).toString('hex'),
      onOutput: (output) => {
        switch (output.kind) {
          case 'settle':
            return this.#settle(output.id, output.outcome)
          case 'run':
            return this.#run(output.call, output.link, output.topic, output.body)
          case 'drop':
            this.#running.get(output.call)?.abort()
            this.#running.delete(output.call)
            return
          default:
            output satisfies never
        }
      },
    }
  }

  async request(
    peer: Peer | string,
    topic: string,
    body: unknown,
    options: RequestOptions,
  ): Promise<Json | Uint8Array> {
    const { signal } = options
    signal?.throwIfAborted()
    const to = typeof peer === 'string' ? peer : peer.address
    const { id, answer } = this.#ask(to, encode(topic, body), timeoutIn(options))
    const onAbort = (): void => this.#abandon(id, signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await answer
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  requestAll(
    topic: string,
    body: unknown,
    options: RequestOptions,
  ): AsyncIterableIterator<PeerAnswer, undefined> {
    return this.#askAll(encode(topic, body), timeoutIn(options), options.signal)
  }

  /** @throws {TypeError} when the topic is none @throws {Error} when it has a responder */
  respond(topic: string, responder: Responder): Disposable {
    encode(topic, null)
    if (this.#responders.has(topic)) throw new Error(`${quoted(topic)} has a responder already`)
    this.#responders.set(topic, responder)
    return {
      [Symbol.dispose]: () => {
        if (this.#responders.get(topic) === responder) this.#responders.delete(topic)
      },
    }
  }

  totals(): RequestTotals {
    return {
      sent: this.#lastId,
      received: this.#received,
      outcomes: { ...this.#outcomes },
      open: { sent: this.#open.size, received: this.#running.size },
    }
  }

  /** All that is open ends. */
  stop(): void {
    const { input } = this.#options
    input({ kind: 'stopped' })
  }

  // --- What this node asks -----------------------------------------------------------------------

  async *#askAll(
    question: Question,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<PeerAnswer, undefined> {
    const { mesh } = this.#options
    const answers: PeerAnswer[] = []
    let wake = (): void => {}
    const take = (answer: PeerAnswer): void => {
      answers.push(answer)
      wake()
    }
    signal?.throwIfAborted()
    const ids = [...mesh.connectedAddresses].map((from) => {
      const { id, answer } = this.#ask(from, question, timeoutMs)
      answer.then(
        (body) => take({ from, body }),
        (error: Error) => take({ from, error }),
      )
      return id
    })
    const onAbort = (): void => wake()
    signal?.addEventListener('abort', onAbort)
    try {
      for (let left = ids.length; left > 0; left -= 1) {
        while (answers.length === 0 && signal?.aborted !== true) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        signal?.throwIfAborted()
        const answer = answers.shift()
        if (answer !== undefined) yield answer
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
      for (const id of ids) this.#abandon(id, new Error('the answer is not awaited'))
    }
    return undefined
  }

  #ask(to: string, question: Question, timeoutMs: number) {
    const { input } = this.#options
    const target = targetOf(to)
    this.#lastId += 1
    const id = this.#lastId
    const answer = new Promise<Json | Uint8Array>((resolve, reject) => {
      this.#open.set(id, { to, topic: question.topic, timeoutMs, resolve, reject })
    })
    input({ kind: 'asked', id, to: target, question, timeoutMs })
    return { id, answer }
  }

  /** Idempotent. */
  #abandon(id: number, reason: unknown): void {
    const { input } = this.#options
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    this.#outcomes.abandoned += 1
    open.reject(reason)
    input({ kind: 'abandoned', id })
  }

  #settle(id: number, outcome: Outcome): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    if (outcome.kind === 'answer') {
      this.#outcomes.answered += 1
      return open.resolve(contentOf(outcome.body))
    }
    const { code, error } = requestError(open, outcome)
    this.#outcomes[code] += 1
    open.reject(error)
  }

  #find(to: string): string | 'takes-none' | undefined {
    const { addressOf, mesh, own } = this.#options
    if (to === own.id || to === own.address) return own.id
    const parsed = parseAddress(addressOf(to))
    if (parsed.kind === 'rejected') return undefined
    const { address } = parsed
    const spellings = [address, ...mesh.spellingsOf(address)]
    const link = spellings.map((one) => mesh.linkTo(one)).find((one) => one !== undefined)
    const id = parseMeshId(to)
    if (link === undefined || (id !== undefined && link.identity?.id !== id)) return undefined
    return link.identity?.requests === true ? link.identity.id : 'takes-none'
  }

  // --- What peers ask ----------------------------------------------------------------------------

  #run(call: Call, link: LinkId, topic: string, body: Body): void {
    const { input, mesh, own } = this.#options
    this.#received += 1
    const reply = (made: Reply): void => {
      this.#running.delete(call)
      input({ kind: 'replied', call, reply: made })
    }
    const responder = this.#responders.get(topic)
    if (responder === undefined) {
      return reply({ kind: 'refusal', error: 'NO_RESPONDER', text: '' })
    }
    const controller = new AbortController()
    this.#running.set(call, controller)
    const from = link === 0 ? own.address : mesh.addressOn(link)
    const request = { topic, body: contentOf(body), from, signal: controller.signal }
    void this.#replyOf(responder, request).then(reply)
  }

  async #replyOf(responder: Responder, request: IncomingRequest): Promise<Reply> {
    const { report } = this.#options
    const { topic } = request
    try {
      const value = await responder(request)
      const { kind, text } = encode(topic, value === undefined ? null : value)
      return { kind: 'answer', body: { kind, text } }
    } catch (error) {
      const reason = stringOf(error)
      report({ kind: 'handler-failed', pattern: topic, reason, retryInMs: null })
      return { kind: 'refusal', error: 'RESPONDER_FAILED', text: textOf(error) }
    }
  }
}

/** @throws {RangeError} when it is out of its range */
function timeoutIn({ timeoutMs = TIMEOUT_MS }: RequestOptions): number {
  const isNumber = typeof timeoutMs === 'number'
  if (isNumber && timeoutMs >= 1 && timeoutMs <= TIMEOUT_MS_MAX) return timeoutMs
  const got = quoted(valueText(timeoutMs))
  throw new RangeError(`timeoutMs is a number from 1 to ${TIMEOUT_MS_MAX}, got ${got}`)
}

/** @throws {TypeError} when it is neither an address nor the id of a process run */
function targetOf(to: string): string {
  if (parseMeshId(to) !== undefined) return to
  const parsed = parseAddress(to)
  if (parsed.kind !== 'rejected') return parsed.address
  throw new TypeError(`a peer is an address or an id, got ${quoted(to)}, which ${parsed.problem}`)
}

function contentOf(body: Body): Json | Uint8Array {
  return body.kind === 'json' ? body.value : new Uint8Array(Buffer.from(body.base64, 'base64'))
}
