/** How much the core remembers, for tests and metrics. All of it is bounded by limits.ts. */

import type { Seeker } from './dialing/connector.ts'
import type { Endings } from './last-close-reasons.ts'
import type { Roster } from './links/connection-table.ts'
import type { Timers } from './timers.ts'

/** How many items each table holds. */
export type Sizes = Readonly<
  Record<
    | 'aliases'
    | 'book'
    | 'claims'
    | 'courtesies'
    | 'dials'
    | 'endings'
    | 'links'
    | 'timers'
    | 'wanted',
    number
  >
>

/** Where the tables are. */
export interface Tables {
  readonly endings: Endings
  readonly roster: Roster
  readonly seeker: Seeker
  readonly timers: Timers
}

/** Counts the items of all tables. */
export function sizesOf({ endings, roster, seeker, timers }: Tables): Sizes {
  return {
    aliases: seeker.book.aliasCount,
    book: seeker.book.size,
    claims: roster.ownership.claims.size,
    courtesies: seeker.courtesy.waiting,
    dials: seeker.dialing.underWay,
    endings: endings.size,
    links: roster.links.size,
    timers: timers.size,
    wanted: seeker.dialing.waiting,
  }
}
