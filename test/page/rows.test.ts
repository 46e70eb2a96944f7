/** The rows of the table, and which of them are there. */

import test from 'ava'
import { bandAround, itemsOf, WHOLE_ROWS_MAX } from '../../src/http/page/model/row-window.ts'
import { tableOf } from '../../src/http/page/model/table-rows.ts'
import { INITIAL, sceneOf, sourcesOf } from '../../src/http/page/state.ts'
import {
  afterLeave,
  completeMesh,
  madeAddress,
  withoutLine,
  withSilent,
} from '../helpers/made-status.ts'

const [SECOND, THIRD, FOURTH] = [madeAddress(2), madeAddress(3), madeAddress(4)]

test('table - a node that is connected to all that are there is no problem; problems come first', (t) => {
  const status = withoutLine(afterLeave(completeMesh(6), THIRD), SECOND, FOURTH)
  const table = tableOf(INITIAL, sourcesOf(sceneOf(status, 0), 0), false)
  t.is(table.problems, 3)
  t.deepEqual(
    table.rows.map(({ name, isProblem }) => [name, isProblem]),
    [
      ['4003', true],
      ['4002', true],
      ['4004', true],
      ['4001', false],
      ['4005', false],
      ['4006', false],
    ],
  )
})

test('table - a node that does not answer is a problem, and its state says so', (t) => {
  const status = withSilent(completeMesh(6), THIRD)
  const table = tableOf(INITIAL, sourcesOf(sceneOf(status, 0), 0), false)
  const [row, ...others] = table.rows.filter(({ isProblem }) => isProblem)
  t.deepEqual([row?.name, row?.facts.State], ['4003', 'connected, no answer'])
  t.deepEqual(others, [])
})

test('table - a node that was lost is missing, also while it is dialed', (t) => {
  const status = afterLeave(completeMesh(4), THIRD)
  const peers = status.peers.map((peer) =>
    peer.address === THIRD ? { ...peer, state: 'attempting' as const, retryInMs: null } : peer,
  )
  const { rows } = tableOf(INITIAL, sourcesOf(sceneOf({ ...status, peers }, 0), 0), false)
  t.like(rows[0], { name: '4003', state: 'backing-off', facts: { State: 'missing, connecting' } })
})

test('table - says of what a date is, and that a peer has another build', (t) => {
  const status = completeMesh(2)
  const certificate = { sha256: 'c'.repeat(64), expiresAt: '2027-03-01T00:00:00.000Z' }
  const node = { ...status.node, certificate }
  const peers = status.peers.map((peer) => {
    return { ...peer, link: peer.link && { ...peer.link, sameCode: false } }
  })
  const scene = sceneOf({ ...status, node, peers }, 0)
  const { rows } = tableOf({ ...INITIAL, sortBy: 'Name' }, sourcesOf(scene, 0), false)
  t.is(rows[0]?.facts.Encrypted, 'certificate until 2027-03-01')
  t.is(rows[1]?.facts.Code, 'another build')
})

test('table - what this node does not have is alike all the same', (t) => {
  const status = completeMesh(4)
  const peers = status.peers.map((peer) => {
    return { ...peer, link: peer.link && { ...peer.link, dialedBy: 'us' as const } }
  })
  const { alike, columns } = tableOf(INITIAL, sourcesOf(sceneOf({ ...status, peers }, 0), 0), false)
  t.false(columns.includes('Dialed by'))
  t.true(alike.includes('Dialed by this node'), alike.join())
})

/** Rows as numbers, and gaps as texts. */
const shown = (...args: Parameters<typeof itemsOf>) =>
  itemsOf(...args).map((item) =>
    item.kind === 'row' ? item.index : `${item.count} from ${item.first}`,
  )

test('table - has the rows that are seen, some around them, and those that must be there', (t) => {
  const band = bandAround(497.5, 512.5)
  t.deepEqual(band, { first: 470, end: 540 })
  const items = shown(1_000, band, [0, 700])
  t.deepEqual(items.slice(0, 3), [0, '469 from 1', 470])
  t.deepEqual(items.slice(-4), [539, '160 from 540', 700, '299 from 701'])
  t.is(items.length, 1 + 1 + 70 + 1 + 1 + 1)
  t.deepEqual(shown(1_000, bandAround(0, 15), []).at(-1), '960 from 40')
})

test('table - a short one has all rows, and one that became shorter the last ones', (t) => {
  const band = bandAround(900, 915)
  t.is(itemsOf(WHOLE_ROWS_MAX, band, []).length, WHOLE_ROWS_MAX)
  const items = shown(WHOLE_ROWS_MAX + 1, band, [])
  t.deepEqual([items[0], items.at(-1)], ['141 from 0', WHOLE_ROWS_MAX])
})
