/** What the page says of a status: what is wrong, figures, activity, names and times. */

import test from 'ava'
import { activitiesOf } from '../../src/http/page/model/activity.ts'
import { figuresOf } from '../../src/http/page/model/figures.ts'
import { Graph, MISSING_LINES_MAX } from '../../src/http/page/model/graph.ts'
import { healthOf } from '../../src/http/page/model/health.ts'
import { pageOf } from '../../src/http/page/model/peer-page.ts'
import { securityText } from '../../src/http/page/model/security.ts'
import { shorten, shortNames, toldName } from '../../src/http/page/model/short-names.ts'
import {
  clock,
  countdown,
  duration,
  listed,
  milliseconds,
} from '../../src/http/page/model/text-formats.ts'
import { NO_TRENDS, trendPath, VALUES_MAX, withValues } from '../../src/http/page/model/trends.ts'
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

test('health - a node that is given up and still there lacks a connection to this one', (t) => {
  const gone = { state: 'gone', link: null, connectedTo: null } as const
  t.deepEqual(healthIn(withPeer(completeMesh(5), THIRD, gone)), {
    level: 'warning',
    text: '1 connection missing',
    problems: [{ text: '4001 and 4003 are not connected', addresses: [madeAddress(1), THIRD] }],
  })
})

test('health - counts missing connections also beyond those that are drawn', (t) => {
  /** A mesh of 202 in which only this node is connected to all, and the second one to some. */
  const starOf = (joined: number) => {
    const status = completeMesh(202)
    const others = status.peers.slice(1, 1 + joined).map(({ address }) => address)
    const peers = status.peers.map((peer) => ({ ...peer, connectedTo: [madeAddress(1)] }))
    return withPeer({ ...status, peers }, SECOND, {
      connectedTo: [madeAddress(1), ...others],
    })
  }
  // 201 peers have 20,100 pairs.
  const atMost = 20_100 - MISSING_LINES_MAX
  for (const joined of [atMost, atMost - 1]) {
    const status = starOf(joined)
    const { lines, counts } = new Graph(status)
    t.is(lines.missing.length, MISSING_LINES_MAX * 2)
    t.is(counts.missing, 20_100 - joined)
    const { text, problems } = healthIn(status)
    t.is(text, `${20_100 - joined} connections missing`)
    t.regex(problems[0]?.text ?? '', new RegExp(`and ${20_100 - joined - 3} more$`))
  }
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

test('health - a name that leads to no nodes, and a mode that protects nothing, are problems', (t) => {
  const status = completeMesh(3)
  const textsOf = (changes: Partial<Status>) => {
    const { level, problems } = healthIn({ ...status, ...changes })
    t.is(level, 'good', 'the mesh is complete all the same')
    return problems
  }
  const source = { source: 'dns:mesh:4001', asked: 1, answeredAt: null, found: 0 }
  const sources = [
    { ...source, problem: 'no such name in DNS' },
    { ...source, source: 'lan', problem: null },
  ]
  t.deepEqual(textsOf({ sources }), [{ text: 'dns:mesh:4001: no such name in DNS', addresses: [] }])
  t.deepEqual(textsOf({ unproven: 2 }), [
    {
      text: 'SECRET_MODE=accept protects nothing: 2 connections not proven',
      addresses: [SECOND, THIRD],
    },
  ])
  t.regex(textsOf({ unproven: 0 })[0]?.text ?? '', /: all have proven the secret$/)
  t.deepEqual(textsOf({ unproven: null }), [])
})

test('security - the keys, what each has made, and how many connections are encrypted', (t) => {
  const status = completeMesh(3)
  t.is(securityText(status), 'no secret')
  const [one, two] = ['1a2b3c4d', '55667788'].map((key, links) => ({ key, links }))
  if (one === undefined || two === undefined) return t.fail()
  t.is(securityText({ ...status, keys: [one] }), 'secret 1a2b3c4d')
  const [peer] = status.peers
  if (peer?.link == null) return t.fail()
  const link = { ...peer.link, encrypted: true }
  const encrypted = withPeer({ ...status, keys: [one, two] }, peer.address, { link })
  t.is(securityText(encrypted), 'secrets 1a2b3c4d (0), 55667788 (1), encrypted 1/2')
})

test('trends - have the last values, and end at the right edge', (t) => {
  let trends = NO_TRENDS
  t.is(trendPath([7]), undefined)
  for (let value = 1; value <= VALUES_MAX + 1; value += 1) {
    trends = withValues(trends, { roundTrip: undefined, messages: value })
  }
  t.deepEqual(trends.roundTrip, [])
  t.is(trends.messages.length, VALUES_MAX)
  t.deepEqual([trends.messages[0], trends.messages.at(-1)], [2, VALUES_MAX + 1])
  t.regex(trendPath(trends.messages) ?? '', /^M0\.0 \d+\.\d.*L100\.0 0\.0$/)
  t.is(trendPath([0, 0]), 'M96.6 100.0L100.0 100.0')
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

test('names - the part of an address that differs from the others', (t) => {
  const cases = [
    [
      ['ws://localhost:1', 'ws://localhost:2'],
      ['1', '2'],
    ],
    [
      ['ws://a.example:1', 'ws://b.example:1'],
      ['a', 'b'],
    ],
    [
      ['ws://a.example:1', 'ws://b.example:2'],
      ['a:1', 'b:2'],
    ],
    [
      ['ws://10.0.0.1:1', 'ws://10.1.0.1:1'],
      ['10.0.0.1', '10.1.0.1'],
    ],
    [
      ['ws://[::1]:1', 'wss://x'],
      ['[::1]:1', 'x'],
    ],
    [['ws://localhost:1'], ['1']],
    [[''], ['']],
  ] as const
  for (const [addresses, names] of cases) t.deepEqual(shortNames(addresses), names)
  t.is(shorten('abcdefghij', 5), 'ab…ij')
  t.is(shorten('abcde', 5), 'abcde')
})

test('names - have what a node tells of its name and role, cut, if that is text', (t) => {
  const cases = [
    [{ name: 'anna', role: 'worker' }, 'anna, worker'],
    [{ role: 'worker', color: 'red' }, 'worker'],
    [{ name: ' anna ', role: ' ' }, 'anna'],
    [{ name: 'a'.repeat(16), role: ['x'] }, 'a'.repeat(16)],
    [{ name: 'a'.repeat(17), role: 7 }, `${'a'.repeat(8)}…${'a'.repeat(7)}`],
    [{}, ''],
    [undefined, ''],
  ] as const
  for (const [data, name] of cases) t.is(toldName(data), name)
})

test('text formats - times and lists', (t) => {
  t.deepEqual([999, 61_000, 7_200_000, 2e8].map(duration), ['0 s', '1 min', '2 h', '2 days'])
  t.deepEqual([0, 1, 1000, 1001].map(countdown), ['0 s', '1 s', '1 s', '2 s'])
  t.deepEqual([0, 0.44, 12.6].map(milliseconds), ['0 ms', '0.4 ms', '13 ms'])
  t.is(listed(['a']), 'a')
  t.is(listed(['a', 'b', 'c']), 'a, b and c')
  t.is(listed(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more')
  t.is(clock('no time', 0), '')
})
