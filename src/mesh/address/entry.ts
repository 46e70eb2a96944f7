/** What the address book remembers of one address. Changed by the book only. */

import type { Address } from './address.ts'

/** A peer that names addresses. */
export interface Teacher {
  /**
   * The host at the other end of its link, so that one host counts once, however many links it
   * opens. For a verified peer on this machine its address, since whole meshes run on one.
   */
  readonly name: string
  /** Whether its link was bound to an address that a dial verified. Otherwise it is a stranger. */
  readonly verified: boolean
}

export class Entry {
  readonly address: Address
  /** In known-peers.json: never forgotten, and not subject to the policy for learned addresses. */
  readonly known: boolean
  /**
   * Who named it, at most `TEACHERS_MAX`, whether still linked or not. Verified peers take the
   * places of strangers. Not complete for an address that we are connected to: that is not learned.
   */
  readonly teachers: Teacher[] = []
  /** Failed dials, and links that did not live long, in a row. */
  failures = 0
  /** Whether a link is bound to it, verified or not. */
  linked = false
  /** When a link to it last stood, or undefined when no dial ever reached it. */
  lastReachedMs: number | undefined
  /** Not to be dialed before. */
  notBeforeMs = 0
  /** When it was last dialed. */
  lastDialedMs = Number.NEGATIVE_INFINITY

  constructor(address: Address, known: boolean) {
    this.address = address
    this.known = known
  }

  /** Whether a verified link to it ever stood. */
  get reached(): boolean {
    return this.lastReachedMs !== undefined
  }

  /**
   * How many peers named it that were linked and verified then, 0 to `TEACHERS_MAX`. Those on one
   * other host count as one; 0 means that only strangers named it.
   */
  get verifiedTeachers(): number {
    return this.teachers.filter(({ verified }) => verified).length
  }
}
