/** Places: where a process can listen, and the addresses of that. */

import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import type { Process } from './process.ts'

/** One host and port. */
export interface Place {
  readonly index: number
  readonly name: string
  /** The address that its process announces. */
  readonly address: Address
  /** Other spellings of its address. */
  readonly aliases: readonly Address[]
  /** The process that listens. The next one gets EADDRINUSE. */
  listener: Process | undefined
  /** Whether the machine has power. Without it, nothing answers, not even a reset. */
  powered: boolean
  /** Whether a firewall drops packets that open a connection. */
  closed: boolean
  /** How fast it reads what comes on each connection; undefined: at once. */
  bytesPerMs: number | undefined
}

/** Where the mesh of a run lives: all on one machine, or each on its own. */
export type ProbedPeers = 'loopback' | 'network'

/**
 * The place with this index. On a network a host name and an IP lead to it.
 */
export function newPlace(index: number, where: ProbedPeers, tellsName: boolean): Place {
  const spellings =
    where === 'loopback'
      ? [`ws://localhost:${4001 + index}`, `ws://127.0.0.1:${4001 + index}`]
      : [
          `ws://10.0.${(index + 1) >> 8}.${(index + 1) & 255}:4000`,
          `ws://node-${index + 1}.example:4000`,
        ]
  const [first, second] = spellings.map(addressOf)
  if (first === undefined || second === undefined) throw new RangeError('two spellings')
  const [address, alias] = tellsName && where === 'network' ? [second, first] : [first, second]
  return {
    index,
    name: `node-${index + 1}`,
    address,
    aliases: [alias],
    listener: undefined,
    powered: true,
    closed: false,
    bytesPerMs: undefined,
  }
}

/** Parses an address. @throws {TypeError} when it is none */
export function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new TypeError(`${text} ${parsed.problem}`)
  return parsed.address
}
