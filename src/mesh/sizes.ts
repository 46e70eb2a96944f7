/** How much the core remembers, for tests and metrics. All of it is bounded by limits.ts. */

import type { Connector } from './dialing/connector.ts'
import type { LastCloseReasons } from './last-close-reasons.ts'
import type { ConnectionTable } from './links/connection-table.ts'
import type { Timers } from './timers.ts'

/** How many items each table holds. */
export type Sizes = Readonly<
  Record<
    | 'aliases'
    | 'book'
    | 'claims'
    | 'awaitedDials'
    | 'dials'
    | 'lastCloseReasons'
    | 'links'
    | 'timers'
    | 'wanted',
    number
  >
>

/** Where the tables are. */
export interface Tables {
  readonly lastCloseReasons: LastCloseReasons
  readonly connections: ConnectionTable
  readonly connector: Connector
  readonly timers: Timers
}

/** Counts the items of all tables. */
export function sizesOf({ lastCloseReasons, connections, connector, timers }: Tables): Sizes {
  return {
    aliases: connector.book.aliasCount,
    book: connector.book.size,
    claims: connections.ownership.claims.size,
    awaitedDials: connector.tieBreak.waiting,
    dials: connector.dialing.underWay,
    lastCloseReasons: lastCloseReasons.size,
    links: connections.links.size,
    timers: timers.size,
    wanted: connector.dialing.waiting,
  }
}
