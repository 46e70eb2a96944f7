/** What the page makes of a status: health, figures, activity, rows. */

import test from 'ava'
import { activitiesOf } from '../../src/http/page/model/activity.ts'
import { figuresOf } from '../../src/http/page/model/figures.ts'
import { CROWD, Graph } from '../../src/http/page/model/graph.ts'
import { healthOf } from '../../src/http/page/model/health.ts'
import { layOut } from '../../src/http/page/model/layout.ts'
import { lineGroups } from '../../src/http/page/model/line-paths.ts'
import { pageOf } from '../../src/http/page/model/peer-page.ts'
import { ROWS_MAX, tableOf } from '../../src/http/page/model/table-rows.ts'
import { gapIn, messageIn } from '../../src/http/page/model/topic-entries.ts'
import { INITIAL, sceneOf, sourcesOf } from '../../src/http/page/state.ts'
import type { Status } from '../../src/http/status.ts'
import {
  afterLeave,
  completeMesh,
  madeAddress,
  withoutLine,
  withPeer,
} from '../helpers/made-status.ts'

const [SECOND, THIRD, FOURTH] = [madeAddress(2), madeAddress(3), madeAddress(4)]

const nameOf = (address: string) => address.replace('ws://localhost:', '')

const healthIn = (status: Status) => healthOf(status, new Graph(status), nameOf)

test('health - a complete mesh is good, and nothing is wrong with it', (t) => {
  t.deepEqual(healthIn(completeMesh(3)), {
    level: 'good',
    text: 'all 3 nodes connected',
    problems: [],
  })
})

test('health - a missing node is bad, a missing connection of others a warning', (t) => {
  const left = healthIn(afterLeave(completeMesh(5), THIRD))
  t.is(left.level, 'bad')
  t.is(left.text, '1 missing')
  t.deepEqual(left.problems, [
    { text: "4003 is missing: closed by peer: 1001 'node stops'", addresses: [THIRD] },
  ])
  t.deepEqual(healthIn(withoutLine(completeMesh(5), SECOND, FOURTH)), {
    level: 'warning',
    text: '1 connection missing',
    problems: [{ text: '4002 and 4004 are not connected', addresses: [SECOND, FOURTH] }],
  })
})

test('health - a node that was never lost is only awaited', (t) => {
  const dialed = withPeer(completeMesh(5), THIRD, {
    state: 'attempting',
    link: null,
    connectedTo: null,
  })
  t.is(healthIn(dialed).level, 'warning')
  t.is(healthIn(dialed).problems[0]?.text, '4003 is not connected to this node, but to others')
})

test('health - many problems of a kind are one sentence', (t) => {
  let status = completeMesh(12)
  for (const number of [3, 4, 5, 6, 7]) status = afterLeave(status, madeAddress(number))
  t.deepEqual(
    healthIn(status).problems.map(({ text }) => text),
    ['4003, 4004, 4005 and 2 more are missing'],
  )
  let cut = completeMesh(12)
  for (const number of [3, 4, 5]) cut = withoutLine(cut, SECOND, madeAddress(number))
  t.deepEqual(
    healthIn(cut).problems.map(({ text }) => text),
    ['not connected: 4002 to 4003, 4002 to 4004 and 4002 to 4005'],
  )
})

test('figures - the median is that of the round trips that were measured', (t) => {
  const figureOf = (status: Status, label: string, perSecond?: number) => {
    const figures = figuresOf(status, new Graph(status), perSecond, Date.now())
    const figure = figures.find((one) => one.label === label)
    return `${figure?.value}${figure?.of}`
  }
  t.is(figureOf(completeMesh(1), 'Median round trip'), '–')
  t.is(figureOf(completeMesh(4), 'Median round trip'), '1.4 ms')
  t.is(figureOf(completeMesh(5), 'Median round trip'), '1.9 ms')
  t.is(figureOf(completeMesh(60), 'Connections'), '1,770/1,770')
  t.is(figureOf(completeMesh(2), 'Messages'), '– /s')
  t.is(figureOf(completeMesh(2), 'Messages', 0.25), '0.3 /s')
  t.is(figureOf(completeMesh(2), 'Messages', 12_345.6), '12,346 /s')
})

test('activity - what comes within ten seconds and goes the same way is one line', (t) => {
  const entry = (seconds: number, change: 'joined' | 'left' | null, port: number) => ({
    at: new Date(seconds * 1000).toISOString(),
    text: `text ${port}`,
    change,
    address: change && `ws://localhost:${port}`,
  })
  const log = [
    ...[1, 2, 3, 4, 5].map((second) => entry(second, 'joined', 4000 + second)),
    entry(6, 'left', 4001),
    entry(16, 'left', 4002),
    entry(26.1, 'left', 4003),
    entry(27, null, 0),
  ]
  t.deepEqual(
    activitiesOf(log, nameOf).map(({ text }) => text),
    ['text 0', '4003 left', '4001 and 4002 left', '5 nodes joined'],
  )
})

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

test('lines - a crowd has those of one node, and missing ones', (t) => {
  const countsOf = (count: number, selected?: number) => {
    const status = withoutLine(completeMesh(count), SECOND, THIRD)
    const graph = new Graph(status)
    const { places } = layOut(
      graph.nodes.map(() => ({ name: '4001', weight: 0 })),
      { width: 400, height: 400 },
    )
    const counts: Record<string, number> = {}
    for (const { kind, count: lines } of lineGroups(graph, selected, places)) {
      counts[kind] = (counts[kind] ?? 0) + lines
    }
    return counts
  }
  t.is(countsOf(CROWD - 1)['mutual'], 152)
  t.deepEqual(countsOf(CROWD), { own: 19, missing: 1, absent: 0, selected: 0 })
  t.deepEqual(countsOf(CROWD, 1), { missing: 2, absent: 0, selected: 18 })
})

test('page of a peer - the same host by HTTP, and none for what is no address', (t) => {
  const cases = [
    ['ws://localhost:4002', 'http://localhost:4002/'],
    ['wss://mesh.example/node-1', 'https://mesh.example/node-1/'],
    ['ws://[::1]:4002', 'http://[::1]:4002/'],
    ['javascript:alert(1)', undefined],
    ['no address', undefined],
  ] as const
  for (const [address, page] of cases) t.is(pageOf(address), page)
})

test('messages - late is what was published while the reader followed, and came after 2 s', (t) => {
  const lateOf = (ageMs: number, openedMs: number) => {
    const entry = messageIn(JSON.stringify({ topic: 'a', body: 'b', ageMs }), {
      openedMs,
      nowMs: 10_000,
    })
    return entry?.kind === 'message' ? entry.lateMs : undefined
  }
  t.is(lateOf(2_000, 0), 0)
  t.is(lateOf(2_001, 0), 2_001)
  t.is(lateOf(5_000, 5_001), 0, 'published before')
  t.is(messageIn('', { openedMs: 0, nowMs: 0 }), undefined, 'an id alone')
  t.deepEqual(gapIn('{"from":null,"first":4,"last":8}'), { kind: 'gap', from: null, count: 5 })
})
