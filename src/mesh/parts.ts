/** The parts of the core, and how they are put together. */

import type { Identity } from '../wire/headers.ts'
import { NO_DATA } from '../wire/node-data.ts'
import type { Address } from './address/address.ts'
import { AddressBook } from './address/address-book.ts'
import type { CoreContext } from './context.ts'
import type { Counters } from './counters.ts'
import { Connector } from './dialing/connector.ts'
import { DialBudget } from './dialing/dial-budget.ts'
import { DialGate } from './dialing/dial-gate.ts'
import { DialPace } from './dialing/dial-pace.ts'
import { DialQueue } from './dialing/dial-queue.ts'
import { Quiescence } from './dialing/quiescence.ts'
import { Sources } from './dialing/sources.ts'
import { TieBreak } from './dialing/tie-break.ts'
import { LastCloseReasons } from './last-close-reasons.ts'
import { Accept } from './links/accept.ts'
import { Claims } from './links/claims.ts'
import { ConnectionTable } from './links/connection-table.ts'
import { Duplicates } from './links/duplicates.ts'
import { LinkTable } from './links/link-table.ts'
import { Liveness } from './links/liveness.ts'
import { OutgoingHandshake } from './links/outgoing-handshake.ts'
import { Ownership } from './links/ownership.ts'
import { Verification } from './links/verification.ts'
import { Membership } from './membership.ts'
import { AntiEntropy } from './messages/anti-entropy.ts'
import { IncomingHandshake } from './messages/incoming-handshake.ts'
import { MessageRouter } from './messages/message-router.ts'
import { PeerData } from './messages/peer-data.ts'
import { Survey } from './messages/survey.ts'
import { OwnAddress } from './own-address.ts'
import type { Timings } from './timings.ts'

/** What a mesh starts with. */
export interface MeshOptions {
  /** Who we are; its `address` is the text of the first of `ownAddresses`. */
  readonly identity: Identity
  /** The address that we announce, then aliases of it that are certain from the start. */
  readonly ownAddresses: readonly [Address, ...Address[]]
  /** Whether to dial our own address once, because the operator set it. Default false. */
  readonly checksOwnAddress?: boolean
  /** The operator's addresses to start from. Our own may be among them; it is never dialed. */
  readonly knownPeers: readonly Address[]
  readonly timings: Timings
  /** What runs the node, such as `Node.js 22.23.2`: sent to peers that ask. */
  readonly runtime: string
  /** What it tells of itself, as text within its limit. Default nothing. */
  readonly data?: string
  /** A number from 0 up to, not including, 1, drawn anew at each call. */
  readonly random: () => number
}

export type Parts = ReturnType<typeof assemble>

/** Makes the parts, each given those that it uses. */
export function assemble(context: CoreContext, counters: Counters, options: MeshOptions) {
  const { identity, ownAddresses, runtime } = options
  const { random, timings } = context
  const [ownAddress] = ownAddresses
  const knownPeers = options.knownPeers.filter((known) => !ownAddresses.includes(known))
  const connectedAddresses = new Set<Address>()
  const lastCloseReasons = new LastCloseReasons()

  const book = new AddressBook(knownPeers, timings)
  const gate = new DialGate(ownAddresses, book, connectedAddresses)
  const pace = new DialPace()
  const budget = new DialBudget()
  const queue = new DialQueue(book, gate, pace, budget)
  const sources = new Sources(context, book, gate, queue)
  const quiescence = new Quiescence()
  const { attemptingToConnectToAddress: attempting } = gate
  const introducersToCome = () =>
    [...book.knownPeers].filter((known) => attempting.has(known)).length
  const tieBreak = new TieBreak(ownAddress, quiescence, pace, introducersToCome)
  const connector = new Connector(context, book, gate, queue, sources, tieBreak, lastCloseReasons)
  const own = new OwnAddress(context, ownAddress, identity.id, book, sources)
  const membership = new Membership(own, book, gate, sources, connectedAddresses)
  const dialing = { book, gate, queue, sources, tieBreak, connector, membership, own }

  const links = new LinkTable()
  const claims = new Claims()
  const hostOf = (connected: Address) => links.hostOf(connected)
  const outgoingHandshake = new OutgoingHandshake(ownAddress, connectedAddresses, hostOf, random)
  const shared = { identity, connectedAddresses, links, claims, quiescence, lastCloseReasons }
  const connections = new ConnectionTable(context, { ...shared, outgoingHandshake })
  const ownership = new Ownership(context, links, book, claims, connections)
  const duplicates = new Duplicates(context, identity.id, links, claims, connections)
  const liveness = new Liveness(context, links, connections, quiescence)
  const verification = new Verification(context, {
    ...dialing,
    budget,
    claims,
    links,
    pace,
    quiescence,
  })
  const accept = new Accept(context, { ...dialing, identity, links, connections, ownership })

  const incoming = new IncomingHandshake(context, { ...dialing, connectedAddresses, connections })
  const survey = new Survey(context, { runtime, book, links, connections, outgoingHandshake })
  const data = new PeerData(context, links, options.data ?? NO_DATA)
  const router = new MessageRouter(context, { connections, incoming, survey, data, counters })
  const antiEntropy = new AntiEntropy(context, links, connections, connectedAddresses)

  const linking = { connections, ownership, duplicates, liveness, verification, accept }
  return { ...shared, ...dialing, ...linking, survey, data, router, antiEntropy }
}
