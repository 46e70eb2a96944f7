/**
 * Dials addresses: resolves the name, and dials the IPs that the policy admits until one answers.
 * The name is resolved once, so a name that resolves differently a moment later (DNS rebinding) has
 * no effect.
 */

import { lookup } from 'node:dns/promises'
import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { admitsIp, type DialPolicy } from '../mesh/address/scope.ts'
import { DIAL_IPS_MAX } from '../mesh/limits.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { headersOf, type Identity } from '../wire/headers.ts'
import {
  Dial,
  type DialFailed,
  type DialResult,
  type DialTarget,
  dialFailedBy,
  NOT_ADMITTED,
  STOPPED,
  TIMED_OUT,
} from './dial.ts'

export interface DialOrder {
  readonly address: Address
  readonly policy: DialPolicy
  /**
   * How long it may take over all IPs, in ms. Where this process is busy, a peer that has accepted
   * the connection gets up to `DIAL_TIMEOUT_FACTOR_MAX` times as long to answer.
   */
  readonly timeoutMs: number
}

export interface DialerOptions {
  /** Sent in the headers; undefined for no headers, as a plain peer. */
  readonly identity: Identity | undefined
  /** A dial failed because there is no file descriptor left. */
  readonly onNoDescriptors: () => void
  /** Finds the IPs of a name, the best first. Default: as the system does. */
  readonly resolve?: (name: string) => Promise<readonly string[]>
}

export class Dialer {
  readonly #options: DialerOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #dials = new Set<Dial>()
  #closed = false

  constructor(options: DialerOptions) {
    this.#options = options
    this.#headers = options.identity === undefined ? {} : headersOf(options.identity)
  }

  /**
   * Dials an address and reports the result once. `onResult` is called in the turn of the event
   * loop in which the socket opened, so that listeners attached there miss no frame. Never throws.
   */
  dial(order: DialOrder, onResult: (result: DialResult) => void): void {
    void this.#dialIps(order, onResult)
  }

  /** Ends all dials under way. Idempotent. */
  close(): void {
    this.#closed = true
    for (const dial of this.#dials) dial.stop()
  }

  /** Dials one IP after the other until one opens. */
  async #dialIps(order: DialOrder, onResult: (result: DialResult) => void): Promise<void> {
    const { address, policy, timeoutMs } = order
    const answerByMs = monotonicMs() + timeoutMs
    let ips: readonly string[]
    try {
      ips = await this.#resolve(hostOf(address), timeoutMs)
    } catch (error) {
      return onResult(dialFailedBy(error))
    }
    const admitted = ips.filter((ip) => admitsIp(policy, ip)).slice(0, DIAL_IPS_MAX)
    let first: DialFailed | undefined
    for (const [index, ip] of admitted.entries()) {
      const nowMs = monotonicMs()
      // An equal share for each IP that is left; one that accepts gets all the time that is left.
      const shareMs = Math.floor((answerByMs - nowMs) / (admitted.length - index))
      const dial = { address, ip, connectByMs: nowMs + shareMs, answerByMs, timeoutMs }
      const failed = shareMs > 0 ? await this.#dialIp(dial, onResult) : TIMED_OUT
      if (failed === undefined) return
      if (failed.failure === 'no-descriptors') this.#options.onNoDescriptors()
      // Any other failure has more information than a closed port.
      if (first === undefined || first.failure === 'refused') first = failed
    }
    onResult(first ?? NOT_ADMITTED)
  }

  /** The failure, or undefined once `onResult` has the socket. */
  #dialIp(
    target: DialTarget,
    onResult: (result: DialResult) => void,
  ): Promise<DialFailed | undefined> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve(STOPPED)
      const dial = new Dial(target, this.#headers, (result) => {
        this.#dials.delete(dial)
        if (result.kind === 'failed') return resolve(result)
        resolve(undefined)
        onResult(result)
      })
      this.#dials.add(dial)
    })
  }

  async #resolve(host: string, timeoutMs: number): Promise<readonly string[]> {
    if (ipVersion(host) !== 0) return [host]
    // RFC 6761 §6.3: this name is never looked up, it is this machine.
    if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']
    const late = new Promise<never>((_resolve, reject) => {
      const error = Object.assign(new Error('late'), { code: 'ETIMEDOUT' })
      setTimeout(() => reject(error), timeoutMs).unref()
    })
    return Promise.race([(this.#options.resolve ?? resolveBySystem)(host), late])
  }
}

async function resolveBySystem(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}
