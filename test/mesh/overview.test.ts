/** The overview of the mesh: each node once, its state, and the reason for it. */

import test from 'ava'
import { GONE_SHOWN_MS, LAST_CLOSE_REASONS_MAX, SILENT_SHOWN_MS } from '../../src/mesh/limits.ts'
import type { NodeView } from '../../src/mesh/overview.ts'
import { address, at, identityAt, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

function viewsOf(node: TestNode): readonly NodeView[] {
  return node.mesh.overview(node.nowMs).nodes
}

test('overview - a known peer is being attempted, then connected, then backing off', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  t.deepEqual(viewsOf(node), [
    { address: at(4002), known: true, state: { kind: 'attempting' }, lastEnding: undefined },
  ])
  node.nowMs = 50
  const link = node.reaches(at(4002), identityAt(4002))
  const peer = { id: identityAt(4002).id, code: '', messages: false }
  const view = {
    dialedBy: 'us',
    isSilent: false,
    openedMs: 50,
    roundTripMs: undefined,
    peer,
    report: undefined,
    data: {},
  }
  t.deepEqual(viewsOf(node)[0]?.state, { kind: 'connected', link: view } as const)
  node.nowMs = 60
  node.loses(link)
  const [left] = viewsOf(node)
  t.is(left?.state.kind === 'backing-off' && left.state.failures, 1)
  t.true(left?.state.kind === 'backing-off' && left.state.untilMs > 60)
  const ending = { by: 'network', code: 1006, reason: '' } as const
  t.deepEqual(left?.lastEnding, { atMs: 60, what: { kind: 'link-ended', ending } })
})

test('overview - a failed attempt has its reason', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.failsToReach(at(4002))
  t.deepEqual(viewsOf(node)[0]?.lastEnding, {
    atMs: 0,
    what: { kind: 'dial-failed', failure: 'refused', reason: 'refused' },
  })
})

test('overview - a peer that is given up is listed as gone for ten minutes, and then not at all', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.receivesHandshake(node.reaches(at(4002), PLAIN), [at(4002), at(4003)])
  for (let dials = 0; dials < 5; dials += 1) {
    node.waits(60_000)
    node.failsToReach(at(4003))
  }
  t.deepEqual(
    viewsOf(node).map((view) => [view.address, view.state.kind]),
    [
      [at(4002), 'connected'],
      [at(4003), 'gone'],
    ],
  )
  node.nowMs += GONE_SHOWN_MS
  t.is(viewsOf(node).length, 2)
  node.nowMs += 1
  t.is(viewsOf(node).length, 1)
})

test('overview - own aliases and aliases of peers are not listed', (t) => {
  const alias = address('ws://127.0.0.1:4002')
  const mine = address('ws://127.0.0.1:5000')
  const node = startNode({ knownPeers: [alias, mine] })
  node.reaches(alias, identityAt(4002))
  node.reachesItself(mine)
  t.deepEqual(
    viewsOf(node).map((view) => view.address),
    [at(4002)],
  )
})

test('overview - a node whose dial is awaited is being attempted', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  const learned = Array.from({ length: 20 }, (_, index) => at(4_003 + index))
  node.receivesHandshake(node.reaches(at(4002), identityAt(4002)), [at(4002), ...learned])
  t.true(node.dials.length < learned.length, 'to some of them we leave it')
  const states = new Set(
    viewsOf(node)
      .slice(1)
      .map(({ state }) => state.kind),
  )
  t.deepEqual([...states], ['attempting'])
})

test('overview - last-close reasons are remembered for 1,024 addresses', (t) => {
  const node = startNode({ knownPeers: [] })
  for (let port = 1; port <= LAST_CLOSE_REASONS_MAX + 1; port += 1) {
    node.loses(node.accepts(identityAt(port)))
    t.is(node.mesh.sizes().lastCloseReasons, Math.min(port, LAST_CLOSE_REASONS_MAX))
  }
  t.is(viewsOf(node).find((view) => view.address === at(1))?.lastEnding, undefined)
  t.not(viewsOf(node).find((view) => view.address === at(2))?.lastEnding, undefined)
})

test('overview - a peer is silent when a ping is unanswered and nothing else has come', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  const link = node.reaches(at(4002), identityAt(4002))
  const isSilent = (): boolean => {
    const [view] = viewsOf(node)
    return view?.state.kind === 'connected' && view.state.link.isSilent
  }
  node.nowMs += SILENT_SHOWN_MS + 1
  t.false(isSilent(), 'it was not pinged')
  node.isSurveyed()
  node.nowMs += SILENT_SHOWN_MS
  t.false(isSilent())
  node.nowMs += 1
  t.true(isSilent())
  node.receivesHandshake(link, [at(4002)])
  t.false(isSilent(), 'it sends, and may be only busy')
  node.nowMs += SILENT_SHOWN_MS + 1
  t.true(isSilent())
  node.receivesPong(link)
  t.false(isSilent())
})
