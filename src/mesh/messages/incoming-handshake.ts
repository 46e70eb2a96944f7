/** An incoming HANDSHAKE: learns its addresses and dials them, within limits and policy. */

import { CloseCode } from '../../wire/close-codes.ts'
import { type Address, parseAddress } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import type { Entry } from '../address/entry.ts'
import type { CoreContext } from '../context.ts'
import type { Connector } from '../dialing/connector.ts'
import type { DialGate } from '../dialing/dial-gate.ts'
import type { DialQueue } from '../dialing/dial-queue.ts'
import type { TieBreak } from '../dialing/tie-break.ts'
import { DIAL_BACK_PAUSE_MS_MIN } from '../limits.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import { isPlainCaller, type Link, nameOf } from '../links/link.ts'
import { teacherOf } from '../links/teacher.ts'
import type { Membership } from '../membership.ts'

export interface IncomingHandshakeOptions {
  /** The live list of addresses that we are connected to. */
  readonly connectedAddresses: ReadonlySet<string>
  readonly connections: ConnectionTable
  readonly book: AddressBook
  readonly gate: DialGate
  readonly membership: Membership
  readonly queue: DialQueue
  readonly tieBreak: TieBreak
  readonly connector: Connector
}

export class IncomingHandshake {
  readonly #context: CoreContext
  readonly #options: IncomingHandshakeOptions

  constructor(context: CoreContext, options: IncomingHandshakeOptions) {
    this.#context = context
    this.#options = options
  }

  /** Takes the addresses of a HANDSHAKE. A peer that exceeds its read budget loses the link. */
  received(link: Link, data: readonly string[]): void {
    const { book, connectedAddresses, connections, connector, membership, tieBreak } = this.#options
    const { nowMs } = this.#context
    connections.handshakeReceived(link)
    membership.named(data, link)
    if (tieBreak.handshakeReceived(link.address, data)) connector.dialOurs()
    // In a large mesh nearly all of them are connected.
    const unread = data.filter((text) => !connectedAddresses.has(text))
    if (!link.readBudget.take(nowMs, Math.max(1, unread.length))) {
      return connections.close(link, CloseCode.FLOOD, 'rate limit exceeded')
    }
    const callers = isPlainCaller(link) ? addressesOfCaller(data) : []
    for (const address of callers) book.cameBack(address)
    this.#learn(link, unread)
    for (const address of callers) this.#dialBack(link, address)
  }

  /**
   * Story: a node attempts to connect to all addresses of a HANDSHAKE that it is not connected to.
   */
  #learn(link: Link, unread: readonly string[]): void {
    const { book, connector, gate, queue } = this.#options
    const { nowMs } = this.#context
    const refused = { malformed: 0, refusedByPolicy: 0, tooMany: 0 }
    const teacher = teacherOf(link)
    for (const text of unread) {
      const entry = book.find(text)
      // Otherwise who names it first, among thousands, decides alone when it is dialed.
      if (entry?.takes(teacher) === true) {
        book.named(entry.address, teacher)
        if (queue.isTaught(entry.address)) queue.add(entry.address)
      }
      if (entry !== undefined && this.#isPending(entry)) continue
      const parsed = parseAddress(text)
      if (parsed.kind === 'rejected') {
        refused.malformed += 1
        continue
      }
      const { address } = parsed
      const verdict = gate.verdict(address, 'join', nowMs)
      if (verdict === 'dial') queue.add(address)
      if (verdict === 'refused-by-policy') refused.refusedByPolicy += 1
      if (verdict !== 'unknown') continue
      if (!link.learnBudget.take(nowMs) || !book.learn(address, teacher)) refused.tooMany += 1
      // The peers of a plain peer do not wait for each other.
      else if (link.identity === undefined) queue.add(address)
      else connector.dialOrAwait(address)
    }
    if (refused.malformed + refused.refusedByPolicy + refused.tooMany === 0) return
    this.#context.report({ kind: 'addresses-refused', peer: nameOf(link), ...refused })
  }

  /**
   * Whether an address will be dialed anyway. So are most that are named while a large mesh forms;
   * text that equals a canonical address need not be parsed.
   */
  #isPending({ address, notBeforeMs }: Readonly<Entry>): boolean {
    const { queue, tieBreak } = this.#options
    if (notBeforeMs > this.#context.nowMs) return true
    return tieBreak.awaitsDialOf(address) || queue.isQueuedOrDialing(address)
  }

  /** A plain peer that dials us expects to be dialed at once, during backoff too. */
  #dialBack(link: Link, address: Address): void {
    const { book, connector, queue } = this.#options
    const { nowMs } = this.#context
    const entry = book.entry(address)
    if (entry === undefined) return
    const atMs = Math.max(nowMs, entry.lastDialedMs + DIAL_BACK_PAUSE_MS_MIN)
    if (book.allowFrom(address, atMs)) connector.redialAt(address, atMs)
    if (entry.notBeforeMs <= nowMs) queue.addDialBack(address, teacherOf(link).name)
  }
}

/** The addresses that can be a plain caller's own: it names itself first or last. */
function addressesOfCaller(data: readonly string[]): readonly Address[] {
  return [...new Set([data[0], data.at(-1)])].flatMap((text) => {
    const parsed = parseAddress(text)
    return parsed.kind === 'address' ? [parsed.address] : []
  })
}
