/** The rows of the table. */

import test from 'ava'
import { ROWS_MAX, tableOf } from '../../src/http/page/model/table-rows.ts'
import { INITIAL, sceneOf, sourcesOf } from '../../src/http/page/state.ts'
import { afterLeave, completeMesh, madeAddress, withoutLine } from '../helpers/made-status.ts'

const [SECOND, THIRD, FOURTH] = [madeAddress(2), madeAddress(3), madeAddress(4)]

test('table - a node that is connected to all that are there is no problem', (t) => {
  const status = withoutLine(afterLeave(completeMesh(6), THIRD), SECOND, FOURTH)
  const table = tableOf(INITIAL, sourcesOf(sceneOf(status, 0), 0), false)
  t.is(table.problems, 3)
  t.deepEqual(
    table.rows.filter(({ isProblem }) => isProblem).map(({ name }) => name),
    ['4002', '4003', '4004'],
  )
})

test('table - has a limit of rows, and the selected one in any case', (t) => {
  const rowsOf = (count: number, selected?: string) => {
    const sources = sourcesOf(sceneOf(completeMesh(count), 0), 0)
    return tableOf({ ...INITIAL, selected }, sources, false)
  }
  t.like(rowsOf(ROWS_MAX), { more: 0, total: ROWS_MAX })
  t.is(rowsOf(ROWS_MAX + 1).rows.length, ROWS_MAX)
  t.is(rowsOf(ROWS_MAX + 1).more, 1)
  const last = madeAddress(ROWS_MAX + 2)
  const withLast = rowsOf(ROWS_MAX + 2, last)
  t.is(withLast.rows.at(-1)?.address, last)
  t.is(withLast.more, 1)
})
