/** One row of the table, and below it the details of a node that is selected. */

import { isHere } from '../model/graph.ts'
import { FACT_NAMES, type FactName } from '../model/node-facts.ts'
import { pageOf } from '../model/peer-page.ts'
import type { Row } from '../model/table-rows.ts'
import { NOTHING } from '../model/text-formats.ts'
import type { Actions } from './actions.ts'
import { classes, StateMark } from './parts.tsx'
import { pure } from './pure.ts'

interface RowContent {
  readonly row: Row
  readonly columns: readonly FactName[]
  /** All that the row shows. */
  readonly text: string
  /** Counted from 0. */
  readonly position: number
  /** The rows beside it, for the arrow keys. */
  readonly next: string | undefined
  readonly previous: string | undefined
  readonly isSelected: boolean
  readonly isHovered: boolean
  /** Tab reaches this row; arrow keys reach the others. */
  readonly isReachable: boolean
  readonly isCopied: boolean
  /** Why this node was not forgotten; empty for all others. */
  readonly refusal: string
  readonly actions: Actions
}

/** Enough to distinguish two ids. */
const ID_CHARS = 8

export const NodeRow = pure<RowContent>(rowView, ['row', 'columns'])

function rowView(content: RowContent) {
  const { row, columns, isSelected, isHovered, isReachable, actions } = content
  const { address, name, state, isProblem } = row
  const look = { selected: isSelected, hovered: isHovered, problem: isProblem }
  return (
    <>
      <tr
        class={classes(state, look)}
        data-row={address}
        aria-rowindex={content.position + 2}
        onClick={(event) => isRowClick(event) && actions.select(isSelected ? undefined : address)}
        onPointerEnter={({ pointerType }) => pointerType !== 'touch' && actions.hover(address)}
        onPointerLeave={() => actions.hover(undefined)}
      >
        <th scope="row">
          <StateMark state={state} />
          <button
            type="button"
            class={`name is-${state}`}
            tabIndex={isReachable ? 0 : -1}
            aria-expanded={isSelected}
            title={address}
            onClick={() => actions.select(isSelected ? undefined : address)}
            onKeyDown={(event) => moveFocus(event, content)}
          >
            {name}
          </button>
        </th>
        {columns.map((column) => (
          <td key={column} class={`cell-${column.replace(' ', '-').toLowerCase()} is-${state}`}>
            <Cell column={column} {...content} />
          </td>
        ))}
      </tr>
      {isSelected && (
        <tr class="details">
          <td colSpan={columns.length + 1}>
            <Details {...content} />
          </td>
        </tr>
      )}
    </>
  )
}

function Cell({ column, ...content }: RowContent & { readonly column: FactName }) {
  const text = content.row.facts[column]
  if (text === NOTHING) return <span class="nothing">{text}</span>
  if (column === 'Id') return <Copy {...content} text={text} shown={text.slice(0, ID_CHARS)} />
  // The details have the time of the clock.
  if (column === 'Since') return <span title={text}>{text.replace(/ \(.*/, '')}</span>
  return <>{text}</>
}

/** What the columns do not have. */
function Details(content: RowContent) {
  const { row, columns } = content
  const { facts, state } = row
  const names = FACT_NAMES.filter(
    (name) => facts[name] !== NOTHING && (!columns.includes(name) || name === 'Id'),
  )
  const page = isHere(state) ? pageOf(row.address) : undefined
  return (
    <>
      <dl>
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {name === 'Id' || name === 'Address' ? (
                <Copy {...content} text={facts[name]} shown={facts[name]} isReachable />
              ) : (
                facts[name]
              )}
              {name === 'Address' && page && (
                <a href={page} target="_blank" rel="noopener">
                  Its page
                </a>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {!isHere(state) && <Forget {...content} />}
    </>
  )
}

/** Only an operator can tell that a node comes back no more. */
function Forget({ row, refusal, actions }: RowContent) {
  return (
    <p class="forget">
      <button type="button" onClick={() => actions.forget(row.address)}>
        Forget
      </button>
      <span class="hint">
        Start it again on its machine, and it is connected by itself. Forget it only if it is gone
        for good: this node then does not dial it or count it as missing. If known-peers.json names
        it, remove it there, too.
      </span>
      {refusal !== '' && (
        <span class="refused" role="alert">
          {refusal}
        </span>
      )}
    </p>
  )
}

function Copy({
  text,
  shown,
  isReachable,
  isCopied,
  actions,
}: RowContent & {
  readonly shown: string
}) {
  return (
    <button
      type="button"
      class={isCopied ? 'copy copied' : 'copy'}
      tabIndex={isReachable ? 0 : -1}
      title={`Copy ${text}`}
      onClick={() => actions.copy(text)}
    >
      {shown}
    </button>
  )
}

/** A click beside the buttons and links of the row. */
function isRowClick({ target }: MouseEvent): boolean {
  return target instanceof Element && target.closest('button, a') === null
}

function moveFocus(event: KeyboardEvent, { next, previous }: RowContent): void {
  const { key, currentTarget } = event
  const address = key === 'ArrowDown' ? next : key === 'ArrowUp' ? previous : undefined
  if (address === undefined || !(currentTarget instanceof Element)) return
  event.preventDefault()
  const row = currentTarget.closest('tbody')?.querySelector(`[data-row="${CSS.escape(address)}"]`)
  row?.querySelector('button')?.focus()
}
