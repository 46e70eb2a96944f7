/**
 * Looks up the IPs of host names as the system does. Dials of one name share a lookup and its
 * answer, and when the next one hangs, the last answer is used again (RFC 8767). Which name is next
 * is decided in lookup-line.ts.
 */

import { systemCodeOf } from '../errors/system-error.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import {
  LOOKUP_FRESH_MS,
  LOOKUP_HANGS_MS,
  LOOKUP_IPS_MAX,
  LOOKUP_NAMES_MAX,
  LOOKUP_STALE_MS,
  LOOKUP_WAIT_MS,
  LOOKUP_WAIT_OPERATOR_MS,
} from './limits.ts'
import { LookupLine } from './lookup-line.ts'

/** What a test replaces. */
export interface LookupSurroundings {
  /** Finds the IPs of a name, the best first. */
  readonly lookup: (name: string) => Promise<readonly string[]>
  readonly nowMs: () => number
  /** Runs something later, and returns how to cancel that. */
  readonly after: (ms: number, run: () => void) => () => void
}

export interface FoundIps {
  /** The best first. */
  readonly ips: readonly string[]
  /** How long it took until the lookup began, or until its last answer was used again, in ms. */
  readonly waitedMs: number
}

/** A lookup that waits or runs. */
interface Lookup {
  readonly begun: Deferred<void>
  readonly ended: Deferred<readonly string[]>
  callers: number
}

interface Answer {
  readonly ips: readonly string[]
  readonly atMs: number
}

export class NameLookup {
  readonly #surroundings: LookupSurroundings
  readonly #line = new LookupLine()
  readonly #lookups = new Map<string, Lookup>()
  readonly #answers = new BoundedMap<string, Answer>(LOOKUP_NAMES_MAX)
  #closed = false

  constructor(surroundings: Partial<LookupSurroundings> = {}) {
    this.#surroundings = { lookup: lookUp, nowMs: monotonicMs, after, ...surroundings }
  }

  /**
   * The IPs of a name.
   *
   * @param timeoutMs how long the lookup itself may take; the time in the line is not counted
   * @throws what the lookup threw, or an error with the code ETIMEDOUT
   */
  async find(name: string, isOperators: boolean, timeoutMs: number): Promise<FoundIps> {
    const askedMs = this.#surroundings.nowMs()
    const last = this.#answers.get(name)
    const ageMs = askedMs - (last?.atMs ?? Number.NEGATIVE_INFINITY)
    if (last !== undefined && ageMs < LOOKUP_FRESH_MS) return { ips: last.ips, waitedMs: 0 }
    const stale = ageMs < LOOKUP_STALE_MS ? last : undefined
    const lookup = this.#join(name, isOperators)
    try {
      const found = await this.#await(lookup, askedMs, {
        waitMs: isOperators ? LOOKUP_WAIT_OPERATOR_MS : LOOKUP_WAIT_MS,
        timeoutMs,
        patienceMs: stale === undefined ? NEVER_MS : LOOKUP_HANGS_MS,
      })
      return { ...found, ips: found.ips.slice(0, LOOKUP_IPS_MAX) }
    } catch (error) {
      if (stale === undefined || systemCodeOf(error) === 'ENOTFOUND') throw error
      return { ips: stale.ips, waitedMs: this.#surroundings.nowMs() - askedMs }
    } finally {
      this.#leave(name, lookup)
    }
  }

  /**
   * All IPs of an operator's name as a lookup gives them that ends after this call: no earlier
   * answer is used.
   *
   * @throws as {@link find}
   */
  async findNow(name: string, timeoutMs: number): Promise<readonly string[]> {
    const askedMs = this.#surroundings.nowMs()
    const lookup = this.#join(name, true)
    const limits = { waitMs: LOOKUP_WAIT_OPERATOR_MS, timeoutMs, patienceMs: NEVER_MS }
    try {
      return (await this.#await(lookup, askedMs, limits)).ips
    } finally {
      this.#leave(name, lookup)
    }
  }

  /** Ends all waiting with an error, and begins no lookup any more. Idempotent. */
  close(): void {
    this.#closed = true
    for (const { begun, ended } of this.#lookups.values()) {
      begun.reject(new Error('closed'))
      ended.reject(new Error('closed'))
    }
  }

  async #await(
    { begun, ended }: Lookup,
    askedMs: number,
    limits: { readonly waitMs: number; readonly timeoutMs: number; readonly patienceMs: number },
  ): Promise<FoundIps> {
    const { waitMs, timeoutMs, patienceMs } = limits
    await this.#within(Math.min(waitMs, patienceMs), begun.promise)
    const waitedMs = this.#surroundings.nowMs() - askedMs
    const ips = await this.#within(Math.min(timeoutMs, patienceMs - waitedMs), ended.promise)
    return { ips, waitedMs }
  }

  #join(name: string, isOperators: boolean): Lookup {
    const lookup = this.#lookups.get(name) ?? newLookup()
    lookup.callers += 1
    this.#lookups.set(name, lookup)
    this.#line.add(name, isOperators)
    this.#beginNext()
    return lookup
  }

  #leave(name: string, lookup: Lookup): void {
    lookup.callers -= 1
    // No dial needs it any more, and it has not begun.
    if (lookup.callers === 0 && this.#line.remove(name)) this.#lookups.delete(name)
  }

  #beginNext(): void {
    if (this.#closed) return
    for (let name = this.#line.next(); name !== undefined; name = this.#line.next()) {
      const lookup = this.#lookups.get(name)
      if (lookup !== undefined) void this.#run(name, lookup)
    }
  }

  /** Its answer is kept also when no dial waits for it any more. */
  async #run(name: string, { begun, ended }: Lookup): Promise<void> {
    const { lookup, nowMs } = this.#surroundings
    const beganMs = nowMs()
    begun.resolve()
    try {
      const ips = await lookup(name)
      this.#answers.set(name, { ips: ips.slice(0, LOOKUP_IPS_MAX), atMs: nowMs() })
      ended.resolve(ips)
    } catch (error) {
      ended.reject(error)
    }
    this.#lookups.delete(name)
    this.#line.ended(name, nowMs() - beganMs)
    this.#beginNext()
  }

  /** What the promise resolves with, or an error when that takes longer. */
  async #within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
    let cancel = (): void => {}
    const late = new Promise<never>((_resolve, reject) => {
      const error = Object.assign(new Error('late'), { code: 'ETIMEDOUT' })
      cancel = this.#surroundings.after(ms, () => reject(error))
    })
    return await Promise.race([promise, late]).finally(() => cancel())
  }
}

const NEVER_MS = Number.POSITIVE_INFINITY

interface Deferred<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

function newLookup(): Lookup {
  return { begun: deferred(), ended: deferred(), callers: 0 }
}

function deferred<Value>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // It may be rejected when nothing waits for it.
  promise.catch(() => {})
  if (settle === undefined) throw new Error('a promise calls its executor at once')
  return { promise, ...settle }
}

/** The module is loaded when a name is looked up first: many nodes never look up one. */
async function lookUp(name: string): Promise<readonly string[]> {
  const { lookup } = process.getBuiltinModule('node:dns').promises
  const found = await lookup(name, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}
