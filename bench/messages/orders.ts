/** What the process of a trial and its workers say to each other, as JSON over their channel. */

/** Where a worker is among the others. */
export interface WorkerPlace {
  readonly index: number
  /** Of all workers, its own included. */
  readonly ports: readonly number[]
  /** The indices of those that publish. */
  readonly publishers: readonly number[]
  /** Where the server of the system listens, if it has one. */
  readonly serverPort: number
  /** Whether what is published in one turn of the event loop goes into one frame; only for ws. */
  readonly isJoined: boolean
}

export type Order =
  /** Load the system, and listen if it does. */
  | { readonly kind: 'open'; readonly module: string; readonly place: WorkerPlace }
  /** Connect to those that have the order, too; done when connected to all of them. */
  | { readonly kind: 'connect'; readonly indices: readonly number[] }
  /** Publish as fast as the receivers read, until the time or the count is over. */
  | {
      readonly kind: 'burst'
      readonly bytes: number
      readonly seconds: number
      readonly countMax: number
      /** How many in one turn of the event loop, if their bytes allow it. */
      readonly turnMessages: number
      /** Whose progress does not matter. */
      readonly ignored: readonly number[]
    }
  /** Publish so many a second, with the time in them. */
  | { readonly kind: 'pace'; readonly perSecond: number; readonly seconds: number }
  /** Answer when all these have come: by publisher, how many it has published in all. */
  | { readonly kind: 'expect'; readonly counts: Counts }
  /** How many of this worker's messages another one has received. */
  | { readonly kind: 'progress'; readonly by: number; readonly count: number }

/** By the index of a publisher, messages since the beginning. */
export type Counts = Readonly<Record<string, number>>

export type Answer =
  | { readonly kind: 'done' }
  /** How many it has published in all. */
  | { readonly kind: 'published'; readonly count: number }
  | ({ readonly kind: 'received' } & Received)
  | { readonly kind: 'failed'; readonly reason: string }

/** What a worker has received since the last question. */
export interface Received {
  /** Not there when nothing came any more. */
  readonly lost: number
  /** Twice, or after a later one of its publisher. */
  readonly wrong: number
  /** From publish to delivery, in µs, of those that had their time in them. */
  readonly latencies: readonly number[]
}

/** Progress is said without a question. */
export type Report =
  | Answer
  | { readonly kind: 'progress'; readonly of: number; readonly count: number }
