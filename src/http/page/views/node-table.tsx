/** All nodes as a table: sorted, searched, and with the details of the selected one. */

import { Component, createRef } from 'preact'
import { type Band, bandAround, itemsOf } from '../model/row-window.ts'
import { type ColumnName, type Row, type TableContent, tableOf } from '../model/table-rows.ts'
import { counted } from '../model/text-formats.ts'
import { nodeNowMs, type Scene, type State, sourcesOf } from '../state.ts'
import type { Actions } from './actions.ts'
import { NodeRow } from './node-row.tsx'

interface NodeTableContent {
  readonly state: State
  readonly scene: Scene
  readonly actions: Actions
}

interface Seen {
  readonly band: Band
  /** In px. */
  readonly rowHeight: number
}

/** Before anything is measured, in px. */
const ROW_HEIGHT = 30
const TABLE_HEIGHT = 900

export class NodeTable extends Component<NodeTableContent, Seen> {
  override state: Seen = {
    band: bandAround(0, TABLE_HEIGHT / ROW_HEIGHT),
    rowHeight: ROW_HEIGHT,
  }
  readonly #scroller = createRef<HTMLDivElement>()
  #made: { readonly of: readonly unknown[]; readonly table: TableContent } | undefined
  #observer: ResizeObserver | undefined

  override componentDidMount(): void {
    if (this.#scroller.current === null) return
    this.#observer = new ResizeObserver(() => this.#measure())
    this.#observer.observe(this.#scroller.current)
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect()
  }

  override render({ state, scene, actions }: NodeTableContent) {
    const table = this.#table(state, scene)
    const { columns, rows, alike } = table
    const names: readonly ColumnName[] = ['Name', ...columns]
    return (
      <section id="nodes" aria-label="Nodes">
        <Tools table={table} state={state} actions={actions} />
        <div class="scroller" ref={this.#scroller} onScroll={() => this.#measure()}>
          <table aria-rowcount={rows.length + 1}>
            <thead>
              <tr>
                {names.map((name) => (
                  <th key={name} scope="col" aria-sort={sortOf(name, state)}>
                    <button type="button" onClick={() => actions.sort(name)}>
                      {name}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{this.#rows(table)}</tbody>
          </table>
          {rows.length === 0 && <p class="hint">No node matches.</p>}
        </div>
        {alike.length > 0 && <p class="hint alike">All nodes: {alike.join(' · ')}</p>}
      </section>
    )
  }

  /** The last table, unless another one is wanted: whoever points at rows draws it often. */
  #table(state: State, scene: Scene): TableContent {
    const { isNarrow, sortBy, isDescending, search, problemsOnly } = state
    const nowMs = nodeNowMs(state)
    const of = [scene, nowMs, isNarrow, sortBy, isDescending, search, problemsOnly]
    const made = this.#made
    if (made !== undefined && of.every((value, index) => value === made.of[index])) {
      return made.table
    }
    const table = tableOf(state, sourcesOf(scene, nowMs), isNarrow)
    this.#made = { of, table }
    return table
  }

  #rows({ columns, rows }: TableContent) {
    const { state, actions } = this.props
    const { selected, hovered, copied, refusal } = state
    const at = rows.findIndex(({ address }) => address === selected)
    const reachable = rows[Math.max(at, 0)]?.address
    // Keys move from the selected one, and Tab to the first.
    const lasting = at < 0 ? [0] : [0, at - 1, at, at + 1]
    return itemsOf(rows.length, this.state.band, lasting).map((item) => {
      if (item.kind === 'gap') {
        const height = `${item.count * this.state.rowHeight}px`
        return (
          <tr key={`gap ${item.first}`} class="gap-of-rows" aria-hidden="true">
            <td colSpan={columns.length + 1} style={{ height }} />
          </tr>
        )
      }
      const row = rows[item.index]
      if (row === undefined) return null
      return (
        <NodeRow
          key={row.address}
          row={row}
          text={textOf(row, columns)}
          columns={columns}
          position={item.index}
          next={rows[item.index + 1]?.address}
          previous={rows[item.index - 1]?.address}
          isSelected={row.address === selected}
          isHovered={row.address === hovered}
          isReachable={row.address === reachable}
          refusal={row.address === selected ? refusal : ''}
          isCopied={copied !== undefined && [row.facts.Id, row.address].includes(copied)}
          actions={actions}
        />
      )
    })
  }

  #measure(): void {
    const scroller = this.#scroller.current
    if (scroller === null) return
    const rowHeight = scroller.querySelector<HTMLElement>('[data-row]')?.offsetHeight || ROW_HEIGHT
    const { scrollTop, clientHeight } = scroller
    const band = bandAround(scrollTop / rowHeight, (scrollTop + clientHeight) / rowHeight)
    const { state } = this
    const isSame = band.first === state.band.first && band.end === state.band.end
    if (!isSame || rowHeight !== state.rowHeight) this.setState({ band, rowHeight })
  }
}

function headingOf({ rows, total, gone }: TableContent): string {
  if (rows.length < total) return `${rows.length} of ${total} nodes`
  return gone > 0 ? `${counted(total - gone, 'node')}, ${gone} gone` : counted(total, 'node')
}

function Tools({
  table,
  state,
  actions,
}: Omit<NodeTableContent, 'scene'> & { readonly table: TableContent }) {
  const { problems } = table
  return (
    <div class="tools">
      <h2>{headingOf(table)}</h2>
      <label>
        <input
          type="checkbox"
          checked={state.problemsOnly}
          onChange={({ currentTarget }) => actions.filterProblems(currentTarget.checked)}
        />
        Problems only ({problems})
      </label>
      <input
        type="search"
        placeholder="Search"
        aria-label="Search nodes"
        value={state.search}
        onInput={({ currentTarget }) => actions.search(currentTarget.value)}
      />
    </div>
  )
}

/** All that a row shows. */
function textOf({ name, state, isProblem, facts }: Row, columns: readonly string[]): string {
  return [name, state, isProblem, ...columns, ...Object.values(facts)].join('\n')
}

function sortOf(name: ColumnName, { sortBy, isDescending }: State) {
  if (name !== sortBy) return undefined
  return isDescending ? 'descending' : 'ascending'
}
