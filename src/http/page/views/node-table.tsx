/** All nodes as a table: sorted, searched, and with the details of the selected one. */

import type { ColumnName, Row, TableContent } from '../model/table-rows.ts'
import { counted } from '../model/text-formats.ts'
import type { State } from '../state.ts'
import type { Actions } from './actions.ts'
import { NodeRow } from './node-row.tsx'

export function NodeTable({
  table,
  state,
  actions,
}: {
  readonly table: TableContent
  readonly state: State
  readonly actions: Actions
}) {
  const { columns, rows, more, alike, total, problems } = table
  const matching = rows.length + more
  const { selected, hovered, copied } = state
  const names: readonly ColumnName[] = ['Name', ...columns]
  const isShown = rows.some(({ address }) => address === selected)
  const reachable = isShown ? selected : rows[0]?.address
  return (
    <section id="nodes" aria-label="Nodes">
      <div class="tools">
        <h2>{matching === total ? counted(total, 'node') : `${matching} of ${total} nodes`}</h2>
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
      <div class="scroller">
        <table>
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
          <tbody>
            {rows.map((row, index) => (
              <NodeRow
                key={row.address}
                row={row}
                text={textOf(row, columns)}
                columns={columns}
                next={rows[index + 1]?.address}
                previous={rows[index - 1]?.address}
                isSelected={row.address === selected}
                isHovered={row.address === hovered}
                isReachable={row.address === reachable}
                isCopied={copied !== undefined && [row.facts.Id, row.address].includes(copied)}
                actions={actions}
              />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p class="hint">No node matches.</p>}
        {more > 0 && <p class="hint">{counted(more, 'node')} more: search to see them.</p>}
      </div>
      {alike.length > 0 && <p class="hint alike">All nodes: {alike.join(' · ')}</p>}
    </section>
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
