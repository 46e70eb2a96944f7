/** Small meshes in the simulator, and why large ones are not tried. */

import test from 'ava'
import { bundleSimulation, growth, obstacleTo, simulate } from '../../bench/growth.ts'
import { valuesOf } from '../../bench/results.ts'
import { ACCEPTED_LINKS_MAX, BOOK_ADDRESSES_MAX } from '../../src/mesh/limits.ts'

test.serial('growth - has what a mesh costs, and leaves out what it cannot do', async (t) => {
  const { rows, leftOut } = await growth([2, BOOK_ADDRESSES_MAX + 2], () => {})
  t.deepEqual(
    rows.map((row) => [row.nodes, valuesOf(row, 'connectedAddresses')]),
    [[2, [1]]],
  )
  t.deepEqual(valuesOf(rows[0], 'acceptedLinksMax'), [ACCEPTED_LINKS_MAX])
  const reason =
    'a node remembers 4,096 addresses (BOOK_ADDRESSES_MAX), so it would never be complete'
  t.deepEqual(leftOut, [`growth to 4098: ${reason}`])
})

test.serial('growth - nodes accept as many links as they are told to', async (t) => {
  const figures = simulate(await bundleSimulation(3), 4)
  t.is(figures['acceptedLinksMax'], 3)
  const tooFew = await bundleSimulation(1)
  t.throws(() => simulate(tooFew, 4), { message: /NOT COMPLETE/ })
})

test('growth - wants memory for each pair', (t) => {
  const enough = 2_000 ** 2 * 6_000
  t.is(obstacleTo(2_000, enough), undefined)
  t.regex(obstacleTo(2_000, enough / 2) ?? '', /^it wants [\d.]+ GiB of memory$/)
  t.is(obstacleTo(BOOK_ADDRESSES_MAX + 1, Number.POSITIVE_INFINITY), undefined)
})
