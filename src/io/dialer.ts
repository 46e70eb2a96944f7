/**
 * Dials addresses: looks up the name, and dials the IPs that the policy admits until one answers.
 * The name is looked up once, so a name that leads elsewhere a moment later (DNS rebinding) has
 * no effect.
 */

import { systemCodeOf } from '../errors/system-error.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { admitsIp, type DialPolicy, isLoopbackHost } from '../mesh/address/scope.ts'
import { announcedAddressOf } from '../mesh/links/objections.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { networkIps } from '../runtime/on-demand.ts'
import type { ClientTls } from '../tls/client-tls.ts'
import { headersOf, type Identity } from '../wire/headers.ts'
import { Dial, type DialOpened, type DialResult, type DialTarget } from './dial.ts'
import {
  type DialFailed,
  dialFailedBy,
  NAME_TIMED_OUT,
  NOT_ADMITTED,
  OUTDATED,
  STOPPED,
  TIMED_OUT,
} from './dial-failures.ts'
import { IpRotation } from './ip-rotation.ts'
import { DIAL_IPS_LEARNED_MAX, DIAL_IPS_MAX } from './limits.ts'
import type { LinkProofs } from './link-proofs.ts'
import { type FoundIps, NameLookup } from './name-lookup.ts'
import type { OnSecretProblem } from './secret-problems.ts'

export interface DialOrder {
  readonly address: Address
  readonly policy: DialPolicy
  /**
   * How long it may take over all IPs, in ms, without the time in the line of lookups. Where this
   * process is busy, a peer that has accepted the connection gets up to `DIAL_TIMEOUT_FACTOR_MAX`
   * times as long to answer.
   */
  readonly timeoutMs: number
}

export interface DialerOptions {
  /** Sent in the headers; undefined for no headers, as a plain peer. */
  readonly identity: Identity | undefined
  /** Each dial proves the secret. Default: the mesh has none. */
  readonly proofs?: LinkProofs | undefined
  /** By which TLS is done with an address, if it is not the proof alone that decides. */
  readonly tlsOf?: (address: Address) => ClientTls | undefined
  /** No link is made because of the secret. Can come often. */
  readonly onSecretProblem?: OnSecretProblem
  /** A dial failed because there is no file descriptor left. */
  readonly onNoDescriptors: () => void
  /** Finds the IPs of names. Default: as the system does. */
  readonly names?: Pick<NameLookup, 'find' | 'close'>
  /** The IPs of this machine in networks. Default: as the system has them. */
  readonly ownIps?: () => readonly string[]
}

/**
 * Called once, with the IPs of the host that may be dialed, and how long the dial has waited for
 * other lookups. The identity of a socket is our own when every IP that answered is ourselves.
 */
export type OnResult = (result: DialResult, found: FoundIps) => void

export class Dialer {
  readonly #options: DialerOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #names: Pick<NameLookup, 'find' | 'close'>
  readonly #rotation = new IpRotation()
  /** Of the address that we announce; undefined for none. */
  readonly #ownHost: string | undefined
  readonly #dials = new Set<Dial>()
  #closed = false

  constructor(options: DialerOptions) {
    this.#options = options
    this.#names = options.names ?? new NameLookup()
    this.#headers = options.identity === undefined ? {} : headersOf(options.identity)
    const own = announcedAddressOf(options.identity)
    this.#ownHost = own && hostOf(own)
  }

  /**
   * Dials an address and reports the result once. `onResult` is called in the turn of the event
   * loop in which the socket opened, so that listeners attached there miss no frame; one that leads
   * to ourselves later. Never throws.
   */
  dial(order: DialOrder, onResult: OnResult): void {
    void this.#begin(order, onResult)
  }

  /** Ends all dials under way. Idempotent. */
  close(): void {
    this.#closed = true
    this.#names.close()
    for (const dial of this.#dials) dial.stop()
  }

  async #begin(order: DialOrder, onResult: OnResult): Promise<void> {
    const { address, policy, timeoutMs } = order
    const orderedMs = monotonicMs()
    const host = hostOf(address)
    let found: FoundIps
    try {
      found =
        ipsWithoutLookup(host) ?? (await this.#names.find(host, policy === 'operator', timeoutMs))
    } catch (error) {
      const isLate = systemCodeOf(error) === 'ETIMEDOUT'
      const failed = isLate ? NAME_TIMED_OUT : dialFailedBy(error)
      return onResult(this.#closed ? STOPPED : failed, NOTHING_FOUND)
    }
    const { waitedMs } = found
    const ips = this.#admittedOf(host, policy, found.ips)
    const answerByMs = orderedMs + waitedMs + timeoutMs
    await this.#dialIps(order, ips, answerByMs, (result) => onResult(result, { ips, waitedMs }))
  }

  /**
   * The IPs that the policy admits. The name of this machine, which its nodes announce, may lead to
   * loopback here and to a network elsewhere, as on Debian. Then its nodes are dialed where others
   * dial them: loopback stays out of the reach of peers that name its ports.
   */
  #admittedOf(host: string, policy: DialPolicy, ips: readonly string[]): readonly string[] {
    const isOurs = policy === 'network' && host === this.#ownHost && ips.every(isLoopbackHost)
    const dialed = isOurs ? (this.#options.ownIps ?? networkIps)() : ips
    return dialed.filter((ip) => admitsIp(policy, ip))
  }

  /** Dials one IP after the other until one opens that does not lead to ourselves. */
  async #dialIps(
    { address, policy, timeoutMs }: DialOrder,
    admitted: readonly string[],
    answerByMs: number,
    onResult: (result: DialResult) => void,
  ): Promise<void> {
    const ipsMax = policy === 'operator' ? DIAL_IPS_MAX : DIAL_IPS_LEARNED_MAX
    const ips = this.#rotation.order(address, admitted).slice(0, ipsMax)
    let failed: DialFailed | undefined
    let ourselves: DialOpened | undefined
    for (const [index, ip] of ips.entries()) {
      const nowMs = monotonicMs()
      // An equal share for each IP that is left; one that accepts gets all the time that is left.
      const shareMs = Math.floor((answerByMs - nowMs) / (ips.length - index))
      if (shareMs <= 0) {
        failed ??= TIMED_OUT
        break
      }
      const dial = { address, ip, connectByMs: nowMs + shareMs, answerByMs, timeoutMs }
      const result = await this.#dialIp(dial, onResult)
      if (result.kind === 'reached') {
        ourselves?.socket.terminate()
        return this.#rotation.reached(address, ip, nowMs)
      }
      this.#rotation.missed(address, ip, nowMs)
      if (result.kind === 'opened') {
        // Another IP may lead to a peer.
        ourselves?.socket.terminate()
        ourselves = result
      } else {
        const { onNoDescriptors, onSecretProblem } = this.#options
        if (result.failure === 'no-descriptors') onNoDescriptors()
        if (result.secret !== undefined) onSecretProblem?.(address, result.secret)
        if (failed === undefined || knowledgeIn(result) > knowledgeIn(failed)) failed = result
      }
    }
    if (this.#closed) ourselves?.socket.terminate()
    onResult(this.#closed ? STOPPED : (ourselves ?? failed ?? NOT_ADMITTED))
  }

  /** Dials an IP. A peer is reported at once; anything else is returned. */
  #dialIp(
    target: DialTarget,
    onResult: (result: DialResult) => void,
  ): Promise<DialResult | { readonly kind: 'reached' }> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve(STOPPED)
      const { proofs, tlsOf } = this.#options
      const { address } = target
      const needsProof = proofs?.isRequiredOf(address) === true
      const credentials = {
        headers: needsProof ? {} : this.#headers,
        proof: proofs?.dialing(address),
        needsProof,
        pinsCertificate: proofs?.pinsAt(address) === true,
        tls: address.startsWith('wss:') ? tlsOf?.(address) : undefined,
      }
      const dial = new Dial(target, credentials, (result) => {
        this.#dials.delete(dial)
        if (result.kind === 'failed') {
          const { proof } = credentials
          // The peer may have the new secret already: the next dial shows it.
          return resolve(result.secret && proof?.isOutdated === true ? OUTDATED : result)
        }
        if (this.#isOurselves(result)) {
          result.socket.on('error', () => {})
          return resolve(result)
        }
        resolve({ kind: 'reached' })
        const { identity, key, socket } = result
        proofs?.linked(socket, key, [address, announcedAddressOf(identity)])
        onResult(result)
      })
      this.#dials.add(dial)
    })
  }

  #isOurselves({ identity }: DialOpened): boolean {
    return identity !== undefined && identity.id === this.#options.identity?.id
  }
}

/** The IPs of an IP, and of this machine, whose names are never looked up (RFC 6761 §6.3). */
function ipsWithoutLookup(host: string): FoundIps | undefined {
  if (ipVersion(host) !== 0) return { ips: [host], waitedMs: 0 }
  return isLoopbackHost(host) ? { ips: ['127.0.0.1', '::1'], waitedMs: 0 } : undefined
}

/**
 * Which failure is reported of several IPs: an answer of a program before a refused connection, and
 * that before no answer.
 */
function knowledgeIn({ failure }: DialFailed): 0 | 1 | 2 {
  if (failure === 'timed-out' || failure === 'unreachable') return 0
  return failure === 'refused' ? 1 : 2
}

const NOTHING_FOUND: FoundIps = { ips: [], waitedMs: 0 }
