/**
 * Which nodes joined, stopped or were lost, as one line each, with those that came together as one.
 * Pure.
 */

import type { Status } from '../../status.ts'
import { isGoodbye } from './causes.ts'
import { listed } from './text-formats.ts'

/** `stopped`: it said goodbye. `lost`: it did not. */
type Change = 'joined' | 'stopped' | 'lost' | 'other'

export interface Activity {
  /** Of the latest of them. */
  readonly at: string
  readonly change: Change
  /** `4002 joined`, `29 nodes stopped`, `lost connection to 4003`. */
  readonly text: string
  /** What the log has of each. */
  readonly details: readonly string[]
}

/** A longer pause ends a group, in ms: a mesh that starts has shorter ones. */
const PAUSE_MS_MAX = 10_000

/** Up to so many nodes are named. */
const NAMES_MAX = 3

/** The newest first. */
export function activitiesOf(
  log: Status['log'],
  nameOf: (address: string) => string,
): readonly Activity[] {
  const groups: Status['log'][number][][] = []
  for (const entry of log) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const isSame =
      last !== undefined &&
      changeOf(entry) !== 'other' &&
      changeOf(last) === changeOf(entry) &&
      Date.parse(entry.at) - Date.parse(last.at) <= PAUSE_MS_MAX
    if (isSame) group?.push(entry)
    else groups.push([entry])
  }
  return groups.reverse().map((group) => {
    const last = group.at(-1)
    const { at = '', text = '' } = last ?? {}
    const change = last === undefined ? 'other' : changeOf(last)
    const details = group.map((entry) => entry.text)
    const addresses = new Set(group.flatMap(({ address }) => address ?? []))
    if (change === 'other' || addresses.size === 0) return { at, change: 'other', text, details }
    const names = [...addresses].map(nameOf)
    const who = names.length > NAMES_MAX ? `${names.length} nodes` : listed(names)
    const sentence = change === 'lost' ? `lost connection to ${who}` : `${who} ${change}`
    return { at, change, text: sentence, details }
  })
}

function changeOf({ change, close }: Status['log'][number]): Change {
  if (change !== 'left') return change ?? 'other'
  // Nodes of older versions do not tell.
  if (close === null) return 'other'
  return isGoodbye(close) ? 'stopped' : 'lost'
}
