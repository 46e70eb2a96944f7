/** What the reader can do; each changes the state. The object stays the same. */

import type { ColumnName } from '../model/table-rows.ts'
import type { State } from '../state.ts'

export interface Actions {
  readonly hover: (address: string | undefined) => void
  /** Selects a node, or none. */
  readonly select: (address: string | undefined) => void
  readonly showPicture: (picture: State['picture']) => void
  readonly showPane: (pane: State['pane']) => void
  readonly nextTheme: () => void
  /** Sorts by this column; again, the other way round. */
  readonly sort: (column: ColumnName) => void
  readonly search: (text: string) => void
  readonly filterProblems: (only: boolean) => void
  readonly copy: (text: string) => void
  /** This node waits no more for that one. */
  readonly forget: (address: string) => void
  readonly follow: (pattern: string) => void
  /** Whether it was published. */
  readonly publish: (topic: string, text: string) => Promise<boolean>
}
