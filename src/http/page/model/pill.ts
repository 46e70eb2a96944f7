/** The pill on top: how the mesh is, in a few words. Screen readers are told the same. Pure. */

import type { Health, Level } from './health.ts'

/** `unreachable` and `mismatch`: what the page shows of the mesh is out of date. */
export type Phase = 'waiting' | 'live' | 'unreachable' | 'mismatch'

export interface Pill {
  readonly level: Level
  readonly text: string
}

/** What the pill comes from. */
interface Situation {
  readonly phase: Phase
  /** Why the node sends no status, in its words; empty when it does not answer. */
  readonly reason: string
  readonly scene: { readonly health: Health } | undefined
}

const LOADING: Pill = { level: 'warning', text: 'Loading the status' }

export function pillOf({ phase, reason, scene }: Situation): Pill {
  switch (phase) {
    case 'waiting':
      return LOADING
    case 'unreachable':
      return { level: 'bad', text: `${reason || 'No answer from this node'}; trying again` }
    case 'mismatch':
      return {
        level: 'bad',
        text: 'This page and its node have different versions; reload the page',
      }
    case 'live':
      return scene?.health ?? LOADING
    default:
      return phase satisfies never
  }
}
