/** The parts of the core, and how they are put together. */

import type { Identity } from '../wire/headers.ts'
import type { Address } from './address/address.ts'
import { AddressBook } from './address/address-book.ts'
import type { CoreContext } from './context.ts'
import type { Counters } from './counters.ts'
import { Connector } from './dialing/connector.ts'
import { DialGate } from './dialing/dial-gate.ts'
import { DialPace } from './dialing/dial-pace.ts'
import { DialQueue } from './dialing/dial-queue.ts'
import { Quiescence } from './dialing/quiescence.ts'
import { TieBreak } from './dialing/tie-break.ts'
import { LastCloseReasons } from './last-close-reasons.ts'
import { Accept } from './links/accept.ts'
import { Claims } from './links/claims.ts'
import { ConnectionTable } from './links/connection-table.ts'
import { Duplicates } from './links/duplicates.ts'
import { LinkTable } from './links/link-table.ts'
import { Liveness } from './links/liveness.ts'
import { OwnHandshake } from './links/own-handshake.ts'
import { Ownership } from './links/ownership.ts'
import { Verification } from './links/verification.ts'
import { AntiEntropy } from './messages/anti-entropy.ts'
import { MessageRouter } from './messages/message-router.ts'
import { Survey } from './messages/survey.ts'
import type { Timings } from './timings.ts'

/** What a mesh starts with. */
export interface MeshOptions {
  /** Who we are; its `address` is the text of the first of `ownAddresses`. */
  readonly identity: Identity
  /** The address that we announce, then other spellings of it that are certain from the start. */
  readonly ownAddresses: readonly [Address, ...Address[]]
  /** The operator's addresses to start from. Our own may be among them; it is never dialed. */
  readonly knownPeers: readonly Address[]
  readonly timings: Timings
  /** What runs the node, such as `Node.js 22.23.2`: peers that ask are told. */
  readonly runtime: string
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
  const gate = new DialGate({ ownAddresses, book, connectedAddresses })
  const pace = new DialPace()
  const queue = new DialQueue({ book, gate, pace })
  const quiescence = new Quiescence()
  const { attemptingToConnectToAddress: attempting } = gate
  const introducersToCome = () => knownPeers.filter((known) => attempting.has(known)).length
  const tieBreak = new TieBreak({ ownAddress, quiescence, pace, introducersToCome })
  const dialing = { book, gate, queue, tieBreak }
  const connector = new Connector(context, {
    ...dialing,
    knownPeers,
    connectedAddresses,
    lastCloseReasons,
  })

  const links = new LinkTable()
  const claims = new Claims()
  const ownHandshake = new OwnHandshake(ownAddress, connectedAddresses, random)
  const connections = new ConnectionTable(context, {
    identity,
    connectedAddresses,
    links,
    claims,
    ownHandshake,
    quiescence,
    lastCloseReasons,
  })
  const ownership = new Ownership(context, { links, claims, connections })
  const duplicates = new Duplicates(context, { ownId: identity.id, links, connections })
  const liveness = new Liveness(context, { links, connections, quiescence })
  const verification = new Verification(context, {
    claims,
    gate,
    queue,
    pace,
    connector,
    quiescence,
  })
  const accept = new Accept(context, {
    identity,
    links,
    connections,
    ownership,
    gate,
    connector,
  })

  const survey = new Survey(context, { runtime, book, links, connections, ownHandshake })
  const router = new MessageRouter(context, { connections, connector, survey, counters })
  const antiEntropy = new AntiEntropy(context, { links, connections, connectedAddresses })

  const linking = { links, claims, connections, ownership, duplicates, liveness, verification }
  const messages = { survey, router, antiEntropy }
  const shared = { identity, knownPeers, connectedAddresses, lastCloseReasons }
  return { ...shared, ...dialing, connector, ...linking, accept, ...messages }
}
