/** The modules of the page that need no browser. */

import test from 'ava'
import { pageFiles } from '../../build/page.ts'
import { Graph } from '../../src/http/page/model/graph.ts'
import { layOut } from '../../src/http/page/model/layout.ts'
import { shorten, shortNames, toldName } from '../../src/http/page/model/short-names.ts'
import {
  clock,
  countdown,
  duration,
  listed,
  milliseconds,
} from '../../src/http/page/model/text-formats.ts'
import { readStatus } from '../../src/http/page/sources/status-reader.ts'
import {
  afterLeave,
  completeMesh,
  madeAddress,
  withoutLine,
  withPeer,
} from '../helpers/made-status.ts'
import { copyOfRepository } from '../tools/run-tool.ts'

const [SECOND, THIRD, FOURTH] = [madeAddress(2), madeAddress(3), madeAddress(4)]

function between(graph: Graph, a: string, b: string): string | undefined {
  return graph.between(graph.indexOf(a) ?? -1, graph.indexOf(b) ?? -1)
}

test('page files - two builds in two folders give the same text, of less than 70 kB', async (t) => {
  const files = await pageFiles()
  t.deepEqual(await pageFiles(copyOfRepository(t, undefined, 'a folder/with spaces')), files)
  t.deepEqual(
    files.map(({ path }) => path),
    ['/', '/page.js', '/page.css'],
  )
  // 120 kB is the most that the page may ever have; it should not grow unseen.
  t.true(files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) < 70_000)
  for (const file of files) {
    // A long string goes on in the next line.
    const text = file.text.replaceAll('\\\n', '')
    t.notRegex(text, /<script>|style=|<style|https?:\/\/(?!www\.w3)/)
    // Behind a proxy the page can be below a path.
    t.notRegex(text, /["'`]\/[a-z]/)
  }
})

test('graph - a connection that one end reports is half a line', (t) => {
  const graph = new Graph(withPeer(completeMesh(5), THIRD, { connectedTo: null }))
  t.is(between(graph, SECOND, FOURTH), 'mutual')
  t.is(between(graph, SECOND, THIRD), 'half')
  t.is(between(graph, madeAddress(1), THIRD), 'own')
})

test('graph - a line that neither end has is missing, unless neither reports', (t) => {
  const missing = withoutLine(completeMesh(5), SECOND, THIRD)
  t.is(between(new Graph(missing), THIRD, SECOND), 'missing')
  const oneReports = withPeer(missing, THIRD, { connectedTo: null })
  t.is(between(new Graph(oneReports), THIRD, SECOND), 'missing')
  const noneReports = withPeer(oneReports, SECOND, { connectedTo: null })
  t.is(between(new Graph(noneReports), THIRD, SECOND), undefined)
})

test('graph - a node without connections has absent lines, and one that is given up has none', (t) => {
  const left = new Graph(afterLeave(completeMesh(5), THIRD))
  t.is(between(left, SECOND, THIRD), 'absent')
  const gone = new Graph(afterLeave(completeMesh(5), THIRD, null))
  t.is(between(gone, SECOND, THIRD), undefined)
})

test('graph - a node connected to others but not to this one is a missing line of this one', (t) => {
  const status = withPeer(completeMesh(5), THIRD, {
    state: 'attempting',
    link: null,
    connectedTo: null,
  })
  t.is(between(new Graph(status), madeAddress(1), THIRD), 'missing')
  t.is(between(new Graph(status), SECOND, THIRD), 'half')
})

test('graph - the order of nodes is that of the numbers in their addresses', (t) => {
  const { nodes } = new Graph(completeMesh(3, (number) => `ws://node-${[10, 9, 1][number - 1]}:1`))
  t.deepEqual(
    nodes.map(({ address }) => address),
    ['ws://node-1:1', 'ws://node-9:1', 'ws://node-10:1'],
  )
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

test('layout - everything lies inside of the square, from 1 to 1,000 nodes', (t) => {
  for (const size of [
    { width: 300, height: 480 },
    { width: 640, height: 400 },
  ]) {
    for (const count of [1, 2, 3, 10, 11, 60, 200, 1000]) {
      const nodes = Array.from({ length: count }, () => ({ name: '4001', weight: 0 }))
      const { places, markRadius } = layOut(nodes, size)
      for (const { x, y } of places) {
        t.true(
          Math.min(x, y) >= markRadius &&
            x <= size.width - markRadius &&
            y <= size.height - markRadius,
        )
      }
    }
  }
})

test('layout - where names have no room, the important ones stay', (t) => {
  const nodes = Array.from({ length: 400 }, (_, index) => ({
    name: '4001',
    weight: index === 7 ? 1 : 0,
  }))
  const { places } = layOut(nodes, { width: 300, height: 300 })
  t.true(places[7]?.label.isShown)
  t.false(places[8]?.label.isShown)
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

test('status reader - reads a status of its format, also one with more keys', (t) => {
  const status = { ...afterLeave(completeMesh(4), THIRD), later: 1 }
  t.deepEqual(readStatus(JSON.stringify(status)), status)
})

const STATUS = completeMesh(3)
const [PEER] = STATUS.peers

const UNREADABLE: Readonly<Record<string, unknown>> = {
  'a number': 7,
  null: null,
  'a list': [],
  'another format': { ...STATUS, format: 2 },
  'no node': { ...STATUS, node: undefined },
  'a node without an address': { ...STATUS, node: {} },
  'no summary': { ...STATUS, summary: undefined },
  'no peers': { ...STATUS, peers: undefined },
  'a peer that is null': { ...STATUS, peers: [null] },
  'a peer without an address': { ...STATUS, peers: [{ ...PEER, address: undefined }] },
  'a peer of an unknown state': { ...STATUS, peers: [{ ...PEER, state: 'new' }] },
  'a link that is a number': { ...STATUS, peers: [{ ...PEER, link: 7 }] },
  'connections that are no list': { ...STATUS, peers: [{ ...PEER, connectedTo: 7 }] },
  'a log that is not a list': { ...STATUS, log: 7 },
  'a line of the log that is null': { ...STATUS, log: [null] },
}

for (const [title, document] of Object.entries(UNREADABLE)) {
  test(`status reader - does not read ${title}`, (t) => {
    t.is(readStatus(JSON.stringify(document)), undefined)
  })
}

test('status reader - does not read text that is not JSON', (t) => {
  for (const text of ['', '{']) t.is(readStatus(text), undefined)
})
