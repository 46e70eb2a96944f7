/** What the address book remembers of one address. Changed by the book only. */

import { TEACHERS_MAX } from '../limits.ts'
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
  /** An operator's: kept until he removes it, and not subject to the policy for learned ones. */
  known: boolean
  /**
   * Who named it before it was reached, at most `TEACHERS_MAX`, whether still linked or not.
   * Verified peers take the places of strangers. What names an address while we are connected to it
   * is not recorded.
   */
  readonly teachers: Teacher[] = []
  /** Failed dials, and links that did not live long, in a row. */
  failures = 0
  /** Whether a link is bound to it, verified or not. */
  linked = false
  /** When a link to it last stood, or undefined when no dial ever reached it. */
  lastReachedMs: number | undefined
  /** When its last link was lost; undefined when none ever was. */
  lostMs: number | undefined
  /** Whether the last dial got no answer, not even that no process listens. */
  unanswered = false
  /** Of a known peer: the address that the peer announced which was reached here last. */
  lastTarget: Address | undefined
  /** Not to be dialed before. */
  notBeforeMs = 0
  /** When it was last dialed. */
  lastDialedMs = Number.NEGATIVE_INFINITY

  constructor(address: Address, known: boolean) {
    this.address = address
    this.known = known
  }

  /**
   * How many peers named it that were linked and verified then, 0 to `TEACHERS_MAX`. Those on one
   * other host count as one; 0 means that only strangers named it. No longer counted once it was
   * reached.
   */
  get verifiedTeachers(): number {
    // Without a list: it is asked for each address of each HANDSHAKE.
    let count = 0
    for (const { verified } of this.teachers) if (verified) count += 1
    return count
  }

  /** Whether a verified link to it ever stood. */
  get reached(): boolean {
    return this.lastReachedMs !== undefined
  }

  /** Whether a dial of it ever led to a peer, which may have announced another address. */
  get answered(): boolean {
    return this.reached || this.lastTarget !== undefined
  }

  /** Whether a teacher is to be recorded. A large mesh names each address a thousand times. */
  takes(teacher: Teacher): boolean {
    if (this.known || this.reached || this.verifiedTeachers >= TEACHERS_MAX) return false
    if (this.teachers.length >= TEACHERS_MAX && !teacher.verified) return false
    const same = this.teachers.find(({ name }) => name === teacher.name)
    return same === undefined || (teacher.verified && !same.verified)
  }

  /** Records a teacher that it {@link takes}. Returns the one that gave way. */
  addTeacher(teacher: Teacher): Teacher | undefined {
    const { teachers } = this
    const same = teachers.findIndex(({ name }) => name === teacher.name)
    const isFull = same < 0 && teachers.length >= TEACHERS_MAX
    const index = isFull ? teachers.findIndex(({ verified }) => !verified) : same
    const [replaced] = index < 0 ? [] : teachers.splice(index, 1)
    teachers.push(teacher)
    return replaced
  }
}
