/** The connections of a status, and where and how the circle shows them. */

import test from 'ava'
import { CROWD, Graph, REPORTED_MAX } from '../../src/http/page/model/graph.ts'
import { layOut } from '../../src/http/page/model/layout.ts'
import { lineGroups } from '../../src/http/page/model/line-paths.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import {
  afterLeave,
  completeMesh,
  madeAddress,
  withoutLine,
  withPeer,
} from '../helpers/made-status.ts'

const [SECOND, THIRD, FOURTH] = [madeAddress(2), madeAddress(3), madeAddress(4)]

function between(graph: Graph, a: string, b: string): string | undefined {
  return graph.between(graph.indexOf(a) ?? -1, graph.indexOf(b) ?? -1)
}

test('lines - the longest report is that of a node, which names itself as well', (t) => {
  t.is(REPORTED_MAX, HANDSHAKE_ADDRESSES_MAX - 1)
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

test('graph - a connection that one end reports is half a line', (t) => {
  const graph = new Graph(withPeer(completeMesh(5), THIRD, { connectedTo: null }))
  t.is(between(graph, SECOND, FOURTH), 'mutual')
  t.is(between(graph, SECOND, THIRD), 'half')
  t.is(between(graph, madeAddress(1), THIRD), 'own')
})

test('graph - a connection that one end reports and the other one does not have is missing', (t) => {
  const lost = withPeer(completeMesh(5), THIRD, { connectedTo: [madeAddress(1), FOURTH] })
  t.is(between(new Graph(lost), SECOND, THIRD), 'missing')
  t.is(between(new Graph(lost), FOURTH, THIRD), 'mutual')
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
