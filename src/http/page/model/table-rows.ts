/** The rows of the table: which, in what order, with which columns. Pure. */

import type { OwnStatus } from '../../status.ts'
import { type GraphNode, isHere } from './graph.ts'
import { isAbsent } from './health.ts'
import { FACT_NAMES, type FactName, type Facts, factsOf, type Sources } from './node-facts.ts'
import { NOTHING } from './text-formats.ts'

/** `Name` is the first column. */
export type ColumnName = 'Name' | FactName

/** How the reader wants the table. */
export interface TableWish {
  readonly sortBy: ColumnName
  readonly isDescending: boolean
  readonly search: string
  readonly problemsOnly: boolean
}

export interface Row {
  readonly address: string
  readonly name: string
  readonly state: GraphNode['state']
  readonly isProblem: boolean
  readonly facts: Facts
  readonly order: Partial<Readonly<Record<FactName, number | undefined>>>
}

export interface TableContent {
  readonly columns: readonly FactName[]
  readonly rows: readonly Row[]
  /** What is the same for all nodes, instead of a column. */
  readonly alike: readonly string[]
  readonly total: number
  readonly problems: number
  /** Those of them that are not expected any more. */
  readonly gone: number
}

/** Columns of a table that has room, and of one that has little. The details have the rest. */
const WIDE: readonly FactName[] = FACT_NAMES.slice(0, FACT_NAMES.indexOf('Address'))
const NARROW: readonly FactName[] = ['State', 'Round trip']

/** Columns that stay when all their values are alike. */
const LASTING: ReadonlySet<FactName> = new Set(['State', 'Round trip', 'Id'])

export function tableOf(wish: TableWish, sources: Sources, isNarrow: boolean): TableContent {
  const { graph } = sources
  const all = graph.nodes.map((node, index): Row => {
    const { lacksLine = false } = graph.neighboursOf(index) ?? {}
    const isProblem =
      isAbsent(node.state) ||
      node.state === 'silent' ||
      lacksLine ||
      (node.peer?.link?.lag ?? 0) > 0
    const name = sources.nameOf(node.address)
    return {
      ...{ address: node.address, name, state: node.state, isProblem },
      facts: factsOf(index, sources),
      order: orderOf(node, isProblem, sources.own),
    }
  })
  const columns: FactName[] = []
  const alike: string[] = []
  for (const column of isNarrow ? NARROW : WIDE) {
    const only = onlyValue(all, column)
    if (only === undefined || LASTING.has(column)) columns.push(column)
    else if (only !== NOTHING && all.length > 1) alike.push(`${column} ${only}`)
  }
  const sought = wish.search.trim().toLowerCase()
  const rows = all
    .filter(({ isProblem }) => isProblem || !wish.problemsOnly)
    .filter((row) => sought === '' || textOf(row).includes(sought))
  return {
    columns,
    rows: sorted(rows, wish),
    alike,
    total: all.length,
    problems: all.filter(({ isProblem }) => isProblem).length,
    gone: all.filter(({ state }) => state === 'gone').length,
  }
}

/** The value of all connected nodes, and of this one if it has one; undefined for several. */
function onlyValue(rows: readonly Row[], column: FactName): string | undefined {
  const values = rows
    .filter(({ state, facts }) => (isHere(state) && state !== 'own') || facts[column] !== NOTHING)
    .map(({ facts }) => facts[column])
  const [first = NOTHING] = values
  return values.every((value) => value === first) ? first : undefined
}

function textOf({ name, facts }: Row): string {
  return [name, ...Object.values(facts)].join('\n').toLowerCase()
}

/** Rows are in the order of their addresses, so equal ones stay so. What is unknown comes last. */
function sorted(rows: readonly Row[], { sortBy, isDescending }: TableWish): readonly Row[] {
  if (sortBy === 'Name') return isDescending ? rows.toReversed() : rows
  return rows.toSorted((a, b) => {
    const [left, right] = [a.facts[sortBy], b.facts[sortBy]]
    if (left === NOTHING || right === NOTHING) {
      return Number(left === NOTHING) - Number(right === NOTHING)
    }
    const difference = compare(a, b, sortBy)
    return isDescending ? -difference : difference
  })
}

function compare(a: Row, b: Row, column: FactName): number {
  const [left, right] = [a.order[column], b.order[column]]
  if (left !== undefined && right !== undefined) return left - right
  return COLLATOR.compare(a.facts[column], b.facts[column])
}

/** Numbers where texts, with their units, have another order. */
function orderOf({ state, peer }: GraphNode, isProblem: boolean, own: OwnStatus): Row['order'] {
  const since = peer === undefined ? own.startedAt : peer.link?.since
  return {
    // One that is connected may lack a connection to another.
    State: Math.min(RANKS[state], isProblem ? RANKS.silent : RANKS.gone),
    'Round trip': peer?.link?.roundTripMs ?? undefined,
    // The longest is the one that began first.
    Since: since === undefined ? undefined : -Date.parse(since),
  }
}

/** What needs attention comes first. */
const RANKS: Readonly<Record<GraphNode['state'], number>> = {
  'backing-off': 0,
  attempting: 1,
  silent: 2,
  own: 3,
  connected: 4,
  gone: 5,
}

const COLLATOR = new Intl.Collator('en', { numeric: true })
