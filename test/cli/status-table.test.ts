import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { statusTable } from '../../src/cli/status/status-table.ts'
import type { Status } from '../../src/http/status.ts'
import { aLink, aPeer, aStatus, STATUS_TIME } from '../helpers/status-document.ts'

const NOW = new Date('2026-11-25T12:10:00.000Z')

/** The time of day in the document, in the local time zone. */
const AT = new Date(STATUS_TIME).toTimeString().slice(0, 8)

function linesOf(status: Status, columns = 80, coloured = false): readonly string[] {
  return statusTable(status, { columns, lines: Number.POSITIVE_INFINITY, coloured, now: NOW })
}

const ENDING = { at: STATUS_TIME, text: 'not a mesh node: HTTP 404', close: null, dial: null }

const MIXED = aStatus(
  [
    aPeer(4002),
    aPeer(4003, { link: aLink({ dialedBy: 'peer', roundTripMs: 1234, sameCode: false }) }),
    aPeer(4004, { link: aLink({ runtime: null, sameCode: null, roundTripMs: null }) }),
    aPeer(4005, { state: 'backing-off', retryInMs: 4_000, link: null, lastEnding: ENDING }),
    aPeer(4006, { state: 'attempting', link: null }),
    aPeer(4007, { state: 'gone', link: null, lastEnding: ENDING }),
  ],
  { complete: false, summary: '4 of 6 connected' },
)

test('status table - has a row for each peer, with fixed columns', (t) => {
  t.deepEqual(linesOf(MIXED), [
    `ws://localhost:4001  mesh default, 0.1.0, Node.js 20.20.2, since ${AT}`,
    '',
    'address              state        by    since     trip   runtime          code',
    `ws://localhost:4002  connected    us    ${AT}  1 ms   Node.js 20.20.2  same`,
    `ws://localhost:4003  connected    peer  ${AT}  1.2 s  Node.js 20.20.2  other`,
    `ws://localhost:4004  connected    us    ${AT}  -      -                -`,
    `ws://localhost:4005  backing off  next try in 4.0 s; ${AT} not a mesh node: …`,
    'ws://localhost:4006  attempting',
    `ws://localhost:4007  gone         ${AT} not a mesh node: HTTP 404`,
    '',
    '4 of 6 connected',
  ])
})

test('status table - has what the nodes tell of themselves, when one does', (t) => {
  const told = aPeer(4003, { link: aLink({ data: { name: 'be\nn', role: 'worker', load: [1] } }) })
  const status = aStatus([aPeer(4002), told, aPeer(4006, { state: 'attempting', link: null })])
  const own = { ...status, node: { ...status.node, data: { name: 'anna' } } }
  t.deepEqual(linesOf(own, 120).slice(0, -2), [
    `ws://localhost:4001  mesh default, 0.1.0, Node.js 20.20.2, since ${AT}, name=anna`,
    '',
    'address              state       by  since     trip  runtime          code  data',
    `ws://localhost:4002  connected   us  ${AT}  1 ms  Node.js 20.20.2  same`,
    `ws://localhost:4003  connected   us  ${AT}  1 ms  Node.js 20.20.2  same  name=be\\nn role=worker load=[1]`,
    'ws://localhost:4006  attempting',
  ])
  const narrow = linesOf(own, 95)
  for (const line of narrow) t.true(line.length <= 95, line)
  t.true(narrow.join('\n').includes('Node.js 2… '), 'the runtime gives way')
  t.true(narrow.join('\n').includes('name=be\\nn role=worker'))
})

test('status table - has no headings without other nodes', (t) => {
  t.is(linesOf(aStatus()).length, 4)
})

test('status table - fits any width, and keeps the port of a long address', (t) => {
  const long = aPeer(4002, { address: 'ws://a-node-with-a-very-long-name.department.example:4002' })
  const status = aStatus([...MIXED.peers, long])
  for (const columns of [1, 20, 40, 60, 80, 100]) {
    for (const line of linesOf(status, columns)) t.true([...line].length <= columns, line)
  }
  t.regex(linesOf(status, 80).join('\n'), /^ws:\/\/a-node-w\S*….?:4002 {2}connected/m)
  t.true(linesOf(status, Number.POSITIVE_INFINITY).join('\n').includes(long.address))
})

test('status table - has the connections of each key while there are several', (t) => {
  const keys = [
    { key: '0a1b2c3d', links: 2 },
    { key: '4e5f6a7b', links: 1 },
  ]
  const lines = linesOf(aStatus([aPeer(4002)], { keys }), 80)
  t.true(lines.includes('key 0a1b2c3d: 2 of 3 connections'))
  t.true(lines.includes('key 4e5f6a7b: 1 of 3 connections'))
  const accepting = linesOf(aStatus([aPeer(4002)], { unproven: 1 }), 80)
  t.true(
    accepting.includes(
      'SECRET_MODE=accept protects nothing: 1 connection has not proven the secret',
    ),
  )
  const one = linesOf(aStatus([aPeer(4002)], { keys: keys.slice(1) }), 80)
  t.false(one.join().includes('key '))
})

test('status table - says how many connections are encrypted, and until when', (t) => {
  const peers = [aPeer(4002, { link: aLink({ encrypted: true }) }), aPeer(4003)]
  const { node } = aStatus()
  const lineFor = (expiresAt: string): string | undefined => {
    const certificate = { sha256: 'ab'.repeat(32), expiresAt }
    const lines = linesOf(aStatus(peers, { node: { ...node, certificate } }))
    return lines.find((line) => line.startsWith('encrypted: '))
  }
  const day = 24 * 60 * 60 * 1000
  const in3 = new Date(Date.parse(STATUS_TIME) + 3 * day + 3_600_000).toISOString()
  t.is(lineFor(in3), 'encrypted: 1 of 2 connections; certificate abababab expires in 3 d')
  const gone = new Date(Date.parse(STATUS_TIME) - day).toISOString()
  t.is(lineFor(gone), 'encrypted: 1 of 2 connections; certificate abababab has expired')
  t.true(linesOf(aStatus(peers)).includes('encrypted: 1 of 2 connections'))
  t.notRegex(linesOf(aStatus([aPeer(4002)])).join('\n'), /encrypted/)
})

test('status table - names the peers that carry no messages, when others do', (t) => {
  const without = { link: aLink({ messages: false }) }
  const both = [aPeer(4002), aPeer(4003, without), aPeer(4004, without)]
  const line = 'carry no messages: ws://localhost:4003, ws://localhost:4004'
  t.true(linesOf(aStatus(both)).includes(line))
  t.is(linesOf(aStatus(both), 30).at(-2), `${line.slice(0, 29)}…`)
  const none = [
    [aPeer(4002)],
    [aPeer(4003, without)],
    [aPeer(4003, without), aPeer(4005, { link: null })],
  ]
  for (const peers of none) t.notRegex(linesOf(aStatus(peers)).join('\n'), /messages/)
})

test('status table - has a row for each peer, however many', (t) => {
  const peers = Array.from({ length: 200_000 }, () => aPeer(4002))
  t.is(linesOf(aStatus(peers)).length, 200_000 + 5)
})

test('status table - shows older times in days', (t) => {
  const peer = aPeer(4002, { link: aLink({ since: '2026-11-22T10:00:00.000Z' }) })
  t.true(
    linesOf(aStatus([peer]))
      .join('\n')
      .includes('  3 d ago  '),
  )
})

test('status table - has the same text in colour', (t) => {
  const coloured = linesOf(MIXED, 80, true)
  t.true(coloured.join('').includes('\u001b['))
  t.deepEqual(coloured.map(stripVTControlCharacters), linesOf(MIXED))
})

test('status table - escapes text that would control the terminal', (t) => {
  const evil = '\u001b[2J\n\u202eevil'
  const status = aStatus(
    [
      aPeer(4002, { address: evil, link: aLink({ runtime: evil }) }),
      aPeer(4003, { state: 'gone', link: null, lastEnding: { ...ENDING, text: evil } }),
    ],
    { summary: evil, node: { ...aStatus().node, mesh: evil, address: evil } },
  )
  for (const line of linesOf(status, 200)) t.regex(line, /^[^\p{Cc}\p{Cf}]*$/u)
})

test('status table - has a line for each name in DNS, with what it gave last', (t) => {
  const source = { asked: 3, answeredAt: STATUS_TIME, problem: null }
  const sources = [
    { ...source, source: 'dns:a:1', found: 1 },
    { ...source, source: 'dns:b:1', found: 256 },
    { ...source, source: 'srv:_c._tcp.c', found: 0, problem: 'no such name in DNS' },
    { ...source, source: 'dns:d:1', asked: 0, answeredAt: null, found: 0 },
  ]
  const lines = linesOf(aStatus([], { sources }))
  t.deepEqual(lines.slice(-5, -1), [
    `dns:a:1  ${AT} 1 address`,
    `dns:b:1  ${AT} 256 addresses`,
    `srv:_c._tcp.c  ${AT} no such name in DNS`,
    'dns:d:1  no answer yet',
  ])
})
