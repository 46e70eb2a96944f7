/** What the page says of a status: what is wrong, figures, activity, names and times. */

import test from 'ava'
import { activitiesOf } from '../../src/http/page/model/activity.ts'
import { causeOf } from '../../src/http/page/model/causes.ts'
import { figuresOf } from '../../src/http/page/model/figures.ts'
import { Graph, MISSING_LINES_MAX } from '../../src/http/page/model/graph.ts'
import { healthOf } from '../../src/http/page/model/health.ts'
import { clockAhead } from '../../src/http/page/model/node-clock.ts'
import { pageOf } from '../../src/http/page/model/peer-page.ts'
import { secretHelp, securityText } from '../../src/http/page/model/security.ts'
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
import { HANDSHAKE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import {
  afterLeave,
  BROKEN,
  completeMesh,
  failedDial,
  madeAddress,
  withoutLine,
  withPeer,
  withSilent,
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
    {
      text: '4003 is missing: the program was stopped',
      addresses: [THIRD],
      raw: "closed by peer: 1001 'node stops'",
    },
  ])
  t.deepEqual(healthIn(withoutLine(completeMesh(5), SECOND, FOURTH)), {
    level: 'warning',
    text: '1 connection missing',
    problems: [{ text: '4002 and 4004 are not connected', addresses: [SECOND, FOURTH] }],
  })
})

test('causes - say what a failed dial or a close means, and keep its words', (t) => {
  const causes = [
    [failedDial('refused', 'connection refused'), /nothing listens there/],
    [
      failedDial('timed-out', 'timed out'),
      /the machine does not answer: .*, or a firewall blocks it$/,
    ],
    [
      failedDial('no-answer', 'timed out: TCP connected, no answer …'),
      /the program does not answer/,
    ],
    [failedDial('unreachable', 'host unreachable'), /the machine cannot be reached/],
    [failedDial('name-not-found', 'host name not found'), /the host name was not found/],
    [BROKEN, /the connection broke/],
  ] as const
  for (const [ending, meaning] of causes) {
    const cause = causeOf({ at: '', ...ending })
    t.regex(cause.meaning, meaning)
    t.is(cause.raw, ending.dial?.reason ?? ending.text)
  }
  const close = { by: 'us', code: CloseCode.SILENT } as const
  const silent = { at: '', text: "closed by us: 4005 'silent for too long'", close, dial: null }
  t.regex(causeOf(silent).meaning, /nothing came from it/)
  // These say what they mean, as does a status of an older version.
  const other = failedDial('other', 'has another secret')
  t.deepEqual(causeOf({ at: '', ...other }), { meaning: 'has another secret', raw: '' })
  const older = JSON.parse('{"at":"","text":"connection lost"}')
  t.deepEqual(causeOf(older), { meaning: 'connection lost', raw: '' })
})

test('health - a node that does not answer is a warning before it is missing', (t) => {
  t.deepEqual(healthIn(withSilent(completeMesh(5), THIRD)), {
    level: 'warning',
    text: '1 node does not answer',
    problems: [
      {
        text: '4003 is connected but does not answer: the program hangs, or the network fails; if it lasts, restart it',
        addresses: [THIRD],
      },
    ],
  })
})

test('health - a node that does not answer is named beside one that is missing', (t) => {
  const status = withSilent(afterLeave(completeMesh(5), madeAddress(4)), THIRD)
  t.like(healthIn(status), { level: 'bad', text: '1 missing, 1 does not answer' })
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

test('health - a node that others reach runs, whatever the failure of a dial usually means', (t) => {
  const refused = withPeer(completeMesh(5), THIRD, {
    state: 'backing-off',
    link: null,
    connectedTo: null,
    lastEnding: { at: '', ...failedDial('refused', 'connection refused') },
  })
  const text = '4003 is not connected to this node, but to others: connection refused'
  t.is(healthIn(refused).problems[0]?.text, text)
})

test('health - what a node does not name is not missing when its list is cut', (t) => {
  const status = completeMesh(1_050)
  const most = HANDSHAKE_ADDRESSES_MAX - 1
  const cut = (count: number) => ({
    ...status,
    peers: status.peers.map((peer, index) => ({
      ...peer,
      connectedTo: (peer.connectedTo ?? []).filter((_, at) => (at + index) % 1_049 < count),
    })),
  })
  t.is(healthIn(cut(most)).level, 'good')
  t.is(healthIn(cut(most - 1)).level, 'warning', 'one that names fewer names all')
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
    const peers = status.peers.map((peer) => {
      const isJoined = others.includes(peer.address)
      return { ...peer, connectedTo: [madeAddress(1), ...(isJoined ? [SECOND] : [])] }
    })
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
    ['4003, 4004, 4005 and 2 more are missing: the program was stopped'],
  )
  const other = afterLeave(status, madeAddress(8), 12_000, BROKEN)
  t.is(healthIn(other).problems[0]?.text, '4003, 4004, 4005 and 3 more are missing')
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
  t.regex(secretHelp(status), /^No secret: anybody who reaches .* can join the mesh\.$/)
  const certificate = { sha256: 'a'.repeat(64), expiresAt: '2027-01-01T00:00:00.000Z' }
  const node = { ...status.node, certificate }
  t.regex(secretHelp({ ...status, node }), /, unless TLS_CA is set\.$/)
  const [one, two] = ['1a2b3c4d', '55667788'].map((key, links) => ({ key, links }))
  if (one === undefined || two === undefined) return t.fail()
  t.is(securityText({ ...status, keys: [one] }), 'secret 1a2b3c4d')
  t.regex(secretHelp({ ...status, keys: [one] }), /^Only nodes with the same secret/)
  t.regex(secretHelp({ ...status, keys: [one], unproven: 0 }), /^SECRET_MODE=accept: nodes without/)
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
  t.is(figureOf(completeMesh(60), 'Connections'), '1,770 of 1,770 pairs')
  const plain = [SECOND, THIRD].reduce(
    (status, address) => withPeer(status, address, { connectedTo: null }),
    completeMesh(5),
  )
  t.is(figureOf(plain, 'Connections'), '9 of 10 pairs, 1 unknown')
  t.is(figureOf(afterLeave(completeMesh(5), THIRD), 'Connections'), '6 of 10 pairs')
  t.is(figureOf(completeMesh(2), 'Messages'), '–')
  t.is(figureOf(completeMesh(2), 'Messages', 0.25), '0.3 /s')
  t.is(figureOf(completeMesh(2), 'Messages', 12_345.6), '12,346 /s')
})

test('activity - what comes within ten seconds and goes the same way is one line', (t) => {
  const entry = (
    seconds: number,
    change: 'joined' | 'left' | null,
    port: number,
    code: number = CloseCode.GOING_AWAY,
  ) => ({
    at: new Date(seconds * 1000).toISOString(),
    text: `text ${port}`,
    change,
    address: change && `ws://localhost:${port}`,
    close: change === 'left' ? ({ by: 'peer', code } as const) : null,
  })
  const log = [
    ...[1, 2, 3, 4, 5].map((second) => entry(second, 'joined', 4000 + second)),
    entry(6, 'left', 4001),
    entry(16, 'left', 4002),
    entry(26.1, 'left', 4003),
    entry(26.2, 'left', 4004, CloseCode.SILENT),
    entry(27, null, 0),
    // A node of an older version does not tell how it ended.
    { ...entry(28, 'left', 4005), close: null },
  ]
  t.deepEqual(
    activitiesOf(log, nameOf).map(({ text }) => text),
    [
      'text 4005',
      'text 0',
      'lost connection to 4004',
      '4003 stopped',
      '4001 and 4002 stopped',
      '5 nodes joined',
    ],
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

test('node clock - is ahead by what the header of a response tells, from two seconds on', (t) => {
  const date = 'Mon, 30 Nov 2026 12:00:00 GMT'
  const atMs = Date.parse(date)
  const aheadOf = (ms: number) => clockAhead(date, atMs - ms)
  t.deepEqual([1_999, 2_000, 600_000].map(aheadOf), [0, 2_000, 600_000])
  t.deepEqual([-1_999, -2_000].map(aheadOf), [0, -2_000])
  t.is(clockAhead(null, atMs), 0)
  t.is(clockAhead('no time', atMs), 0)
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
