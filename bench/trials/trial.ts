/**
 * What can be tried with one system, and what comes of it. A trial runs in a process and in
 * namespaces of its own; these are its words on the way in and out, both JSON.
 */

import type { Programs, SystemName } from '../systems/system.ts'

/** Which nodes are killed before they are started again. */
export type Victims = 'one' | 'seed' | 'half'

/** What to try. */
export type TrialKind =
  | { readonly kind: 'formation' }
  | { readonly kind: 'rejoin'; readonly victims: Victims }
  /** The mesh is left alone, and then watched. */
  | { readonly kind: 'rest'; readonly settleSeconds: number; readonly seconds: number }
  | { readonly kind: 'memory' }
  | { readonly kind: 'profile' }
  | {
      readonly kind: 'messages'
      readonly publishers: 'one' | 'all'
      /** In bytes, as JSON. */
      readonly sizes: readonly number[]
      /** How long each size is published. */
      readonly burstSeconds: number
      readonly paces: readonly { readonly perSecond: number; readonly seconds: number }[]
      /** Whether a receiver is away for a while. */
      readonly hasAbsence: boolean
      /** Flags of Node for each worker. */
      readonly flags?: readonly string[]
    }

/** The arguments of the process of a trial. */
export interface TrialOrder {
  readonly what: TrialKind
  readonly system: SystemName
  readonly nodes: number
  readonly programs: Programs
  /** An empty folder. */
  readonly folder: string
  /** How long the mesh may take to become complete. */
  readonly limitSeconds: number
}

/**
 * Figures by name, or why there are none. Names end in their unit where they have one, so that a
 * table can be made of them without another list.
 */
export type TrialResult =
  | { readonly kind: 'figures'; readonly figures: Figures }
  | { readonly kind: 'not-complete'; readonly connectedShare: number }
  | { readonly kind: 'left-out'; readonly reason: string }

export type Figures = Readonly<Record<string, number>>
