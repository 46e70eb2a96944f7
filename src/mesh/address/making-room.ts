/**
 * Which learned address gives way when there is no room for one more. One that has failed goes
 * first; a known peer or a linked address never goes.
 */

import { hostOf } from './address.ts'
import type { Entry } from './entry.ts'
import type { Unreached } from './unreached.ts'

/**
 * The entry that gives way to one more address of a teacher, the first that there is of: (1) in the
 * largest share, the address with most failures; (2) if that share has at least two more than the
 * teacher's, its newest address; (3) of the host with most addresses that were reached and have no
 * link, if they are more than the teacher's share, the one with most failures. Otherwise undefined.
 */
export function toGiveWay(
  unreached: Unreached,
  entries: Iterable<Entry>,
  teacher: string,
): Entry | undefined {
  const own = unreached.countOf(teacher)
  const { largest = teacher } = unreached
  const failed = toGiveWayIn(unreached, largest, teacher)
  if (failed !== undefined) return failed
  if (unreached.countOf(largest) > own + 1) {
    const mayGive = mayGiveTo(unreached, largest, teacher)
    const newest = [...unreached.entriesOf(largest)].findLast(mayGive)
    if (newest !== undefined) return newest
  }
  const ofHost = mostReached(entries)
  return ofHost.length > own ? mostFailed(ofHost) : undefined
}

/** The entry in the share of one teacher that gives way to an address of another. */
export function toGiveWayIn(
  unreached: Unreached,
  teacher: string,
  other: string,
): Entry | undefined {
  return mostFailed(unreached.entriesOf(teacher), mayGiveTo(unreached, teacher, other))
}

/**
 * Which addresses that a teacher named may give way to one of another: not what a third one with a
 * smaller share named, too, or who names most of all could remove what others name.
 */
function mayGiveTo(
  unreached: Unreached,
  teacher: string,
  other: string,
): (entry: Entry) => boolean {
  const share = unreached.countOf(other)
  const mayLose = (name: string): boolean => name === teacher || unreached.countOf(name) > share + 1
  return ({ teachers }) => teachers.every(({ name }) => mayLose(name))
}

/** The entry with the most failures; undefined when none has failed. */
function mostFailed(
  entries: Iterable<Entry>,
  mayGive = (_: Entry): boolean => true,
): Entry | undefined {
  let worst: Entry | undefined
  for (const entry of entries) {
    if (entry.failures > (worst?.failures ?? 0) && mayGive(entry)) worst = entry
  }
  return worst
}

/** The reached addresses that no link leads to, of the host with the most. */
function mostReached(entries: Iterable<Entry>): readonly Entry[] {
  const byHost = new Map<string, Entry[]>()
  for (const entry of entries) {
    if (entry.known || entry.linked || !entry.reached) continue
    const host = hostOf(entry.address)
    const ofHost = byHost.get(host)
    if (ofHost === undefined) byHost.set(host, [entry])
    else ofHost.push(entry)
  }
  const [most = []] = [...byHost.values()].sort((a, b) => b.length - a.length)
  return most
}
