/** Small meshes in the simulator, and why large ones are not tried. */

import test from 'ava'
import { growth, obstacleTo } from '../../bench/growth.ts'
import { valuesOf } from '../../bench/results.ts'
import { ACCEPTED_LINKS_MAX } from '../../src/mesh/limits.ts'

test.serial('growth - has what a mesh costs, and leaves out what it cannot do', async (t) => {
  const { rows, leftOut } = await growth([2, ACCEPTED_LINKS_MAX + 2], () => {})
  t.deepEqual(
    rows.map((row) => [row.nodes, valuesOf(row, 'connectedAddresses')]),
    [[2, [1]]],
  )
  const reason =
    'a node accepts 1,200 links (ACCEPTED_LINKS_MAX), so the seeds would turn nodes away'
  t.deepEqual(leftOut, [`growth to 1202: ${reason}`])
})

test('growth - needs memory for each pair', (t) => {
  const enough = 1_000 ** 2 * 6_000
  t.is(obstacleTo(1_000, enough), undefined)
  t.regex(obstacleTo(1_000, enough / 2) ?? '', /^it needs [\d.]+ GiB of memory$/)
  t.is(obstacleTo(ACCEPTED_LINKS_MAX + 1, Number.POSITIVE_INFINITY), undefined)
})
