/** Asks DNS for a name once, and gives what it names or what is wrong in words. */

import { systemCodeOf, textOf } from '../errors/system-error.ts'
import type { Address } from '../mesh/address/address.ts'
import { addressesOfIps } from './dns.ts'
import { ANSWER_MS_MAX, PROBLEM_CHARS_MAX } from './limits.ts'
import { type NameSource, nameOf } from './source.ts'
import { addressesOfRecords, resolveSrv, type SrvRecord } from './srv.ts'

/** What a source answered. An answer without addresses has a problem, too. */
export interface Answer {
  readonly addresses: readonly Address[]
  /** For people, without the name of the source. */
  readonly problem: string | undefined
}

export interface Lookups {
  /** All IPs of a host name, within so many ms. */
  readonly ips: (name: string, timeoutMs: number) => Promise<readonly string[]>
  /** Default: {@link resolveSrv}. */
  readonly srv?: (name: string, signal: AbortSignal) => Promise<readonly SrvRecord[]>
}

/** Never throws. `signal` ends a lookup that its caller does not wait for any more. */
export async function ask(
  source: NameSource,
  lookups: Lookups,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const addresses = await addressesOf(source, lookups, signal)
    const problem = addresses.length === 0 ? 'the name has no addresses' : undefined
    return { addresses: [...new Set(addresses)], problem }
  } catch (error) {
    return { addresses: [], problem: problemOf(error) }
  }
}

async function addressesOf(
  source: NameSource,
  { ips, srv = resolveSrv }: Lookups,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const name = nameOf(source)
  switch (source.kind) {
    case 'dns':
      return addressesOfIps(source, await ips(name, ANSWER_MS_MAX))
    case 'srv':
      return addressesOfRecords(source, await srv(name, signal))
    default:
      return source.kind satisfies never
  }
}

/** c-ares has codes of its own, ENODATA and ETIMEOUT among them. */
function problemOf(error: unknown): string {
  const code = systemCodeOf(error)
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
      return 'no such name in DNS'
    case 'ETIMEDOUT':
    case 'ETIMEOUT':
    case 'ECANCELLED':
    case 'EAI_AGAIN':
    case 'ECONNREFUSED':
      return 'no answer from the DNS server'
    default: {
      const text = code ?? textOf(error)
      return `the lookup failed: ${text.slice(0, PROBLEM_CHARS_MAX)}`
    }
  }
}
