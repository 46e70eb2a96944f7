/** A survey asks all peers for their links, within limits that no peer can exceed. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test, { type ExecutionContext } from 'ava'
import {
  LINKS_ASK_PAUSE_MS,
  LINKS_PAUSE_MS,
  LINKS_SHOWN_MS,
  LINKS_STRANGE_MAX,
  LINKS_TIMEOUT_MS,
  READ_BURST,
  RUNTIME_CHARS_MAX,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, meshId, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

const KNOWN = { knownPeers: [at(4002), at(4003)] }

function answer(node: TestNode, link: number, data: unknown): void {
  node.receives(link, JSON.stringify({ type: 'LINKS', data }))
}

function request(node: TestNode, link: number, have = 0): void {
  node.receives(link, JSON.stringify({ type: 'LINKS_REQUEST', data: { have } }))
}

/** What is in memory after garbage collection. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** What the node shows of the peer on port 4002. */
function surveyed(t: ExecutionContext, node: TestNode) {
  const view = node.mesh.overview(node.nowMs).nodes.find(({ address }) => address === at(4002))
  if (view?.state.kind !== 'connected') return t.fail('4002 is not connected')
  return view.state.link.report
}

test('survey - all peers with identity get a request, and no plain peer', (t) => {
  const node = startNode(KNOWN)
  const ours = node.reaches(at(4002), identityAt(4002))
  node.reaches(at(4003), PLAIN)
  node.receivesHandshake(node.accepts(PLAIN), [at(4003)])
  node.isSurveyed()
  t.deepEqual(node.sent, [{ link: ours, message: { type: 'LINKS_REQUEST', data: { have: 0 } } }])
  t.deepEqual(node.pings, [ours])
})

test('survey - a peer gets another request after its answer, or after 5 s without one', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  node.nowMs += LINKS_TIMEOUT_MS - 1
  node.isSurveyed()
  t.deepEqual(node.sent, [])
  t.deepEqual(node.pings, [])
  node.nowMs += 1
  node.isSurveyed()
  t.is(node.sent.length, 1)
  t.deepEqual(node.pings, [link], 'which shows whether it is silent')
  answer(node, link, { revision: 3, runtime: 'Deno', connected: [] })
  node.nowMs += LINKS_ASK_PAUSE_MS
  node.isSurveyed()
  t.deepEqual(
    node.sent.map(({ message }) => message),
    [{ type: 'LINKS_REQUEST', data: { have: 3 } }],
  )
})

test('survey - no peer gets a request so soon that it would ignore it', (t) => {
  t.true(LINKS_ASK_PAUSE_MS > LINKS_PAUSE_MS)
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  answer(node, link, { revision: 1, runtime: '', connected: [] })
  node.nowMs += LINKS_ASK_PAUSE_MS - 1
  node.isSurveyed()
  t.deepEqual(node.sent, [])
  node.nowMs += 1
  node.isSurveyed()
  t.is(node.sent.length, 1)
})

test('survey - the pause counts from the answer, as a request can be delayed', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  node.nowMs += LINKS_ASK_PAUSE_MS
  answer(node, link, { revision: 1, runtime: '', connected: [] })
  node.isSurveyed()
  t.deepEqual(node.sent, [])
  node.nowMs += LINKS_ASK_PAUSE_MS - 1
  node.isSurveyed()
  t.deepEqual(node.sent, [])
  node.nowMs += 1
  node.isSurveyed()
  t.is(node.sent.length, 1)
})

test('survey - the answer on one link is shown for the link that replaces it', (t) => {
  const node = startNode(KNOWN)
  const first = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  answer(node, first, { revision: 1, runtime: 'Deno', connected: [at(4003)] })
  const second = node.accepts(identityAt(4002))
  node.receivesPong(first)
  node.loses(first)
  t.deepEqual(
    [...node.mesh.links()].map(({ id }) => id),
    [second],
  )
  t.is(surveyed(t, node)?.runtime, 'Deno')

  node.loses(second)
  node.accepts(identityAt(4002, { id: meshId(9) }))
  t.is(surveyed(t, node), undefined, 'it is another node')
})

test('survey - of the addresses in an answer those in our view are shown', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  const connected = [at(4001), at(4003), at(4009), 'rubbish']
  answer(node, link, { revision: 1, runtime: 'Deno 2.9.6', connected })
  t.deepEqual(surveyed(t, node), {
    runtime: 'Deno 2.9.6',
    revision: 1,
    connected: [at(4001), at(4003)],
  })
  node.receivesHandshake(link, [at(4002), at(4009)])
  t.deepEqual(surveyed(t, node)?.connected, [at(4001), at(4003), at(4009)])
})

test('survey - a list that has not changed is not sent again, and stays valid', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  answer(node, link, { revision: 1, runtime: '', connected: [at(4003)] })
  node.nowMs += LINKS_SHOWN_MS
  t.not(surveyed(t, node), undefined)
  node.isSurveyed()
  answer(node, link, { revision: 1, runtime: '', connected: null })
  node.nowMs += LINKS_SHOWN_MS
  t.deepEqual(surveyed(t, node)?.connected, [at(4003)])
  node.nowMs += 1
  t.is(surveyed(t, node), undefined, 'it is too old')
})

test('survey - a peer gets the list as it is now, also when others got it before', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  const lists = [4003, 4004].map((port) => {
    const other = node.accepts(identityAt(port))
    node.nowMs += LINKS_PAUSE_MS
    request(node, other)
    request(node, link)
    return node.sent.map(({ message }) => message)
  })
  const revisions = lists.flat().map((message) => message.type === 'LINKS' && message.data.revision)
  t.is(new Set(revisions).size, 2)
  t.deepEqual(
    lists.flat().map((message) => message.type === 'LINKS' && message.data.connected),
    [
      [at(4002), at(4003)],
      [at(4002), at(4003), at(4004)],
    ],
  )
})

test('survey - an answer without a request is ignored', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  answer(node, link, { revision: 1, runtime: '', connected: [at(4003)] })
  t.is(surveyed(t, node), undefined)
  node.isSurveyed()
  answer(node, link, { revision: 1, runtime: '', connected: null })
  t.is(surveyed(t, node), undefined, 'there is no earlier answer')
})

test('survey - a long runtime name is cut, and 64 addresses outside our view are kept', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  const unlisted = Array.from({ length: LINKS_STRANGE_MAX + 1 }, (_, index) => at(5_000 + index))
  answer(node, link, { revision: 1, runtime: 'x'.repeat(100), connected: unlisted })
  t.is(surveyed(t, node)?.runtime.length, RUNTIME_CHARS_MAX)
  node.receivesHandshake(link, [at(4002), ...unlisted])
  t.is(surveyed(t, node)?.connected.length, LINKS_STRANGE_MAX)
})

test('survey - an address named many times is shown once', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.isSurveyed()
  const named = [at(4003), at(4003), at(4001), at(4003), at(4001)]
  answer(node, link, { revision: 1, runtime: '', connected: named })
  t.deepEqual(surveyed(t, node)?.connected, [at(4003), at(4001)])
})

test('survey - of a long runtime name only the part that is shown stays in memory', (t) => {
  const count = 100
  const name = 'x'.repeat(200_000)
  const peers = Array.from({ length: count }, (_, index) => at(5_000 + index))
  const node = startNode({ knownPeers: peers })
  const links = peers.map((peer, index) => node.reaches(peer, identityAt(5_000 + index)))
  node.isSurveyed()
  const before = heapUsed()
  for (const link of links) answer(node, link, { revision: 1, runtime: name, connected: [] })
  const grown = heapUsed() - before
  t.true(grown < (count * name.length) / 4, `${grown} bytes`)
  t.is(node.mesh.overview(node.nowMs).nodes.length, count)
})

test('survey - the answer to a request has our runtime and our connected addresses', (t) => {
  const node = startNode(KNOWN)
  node.reaches(at(4003), PLAIN)
  const link = node.accepts(identityAt(4002))
  request(node, link)
  const [first] = node.sent
  if (first?.message.type !== 'LINKS') return t.fail()
  const { revision } = first.message.data
  t.deepEqual(first, {
    link,
    message: {
      type: 'LINKS',
      data: { revision, runtime: 'a runtime', connected: [at(4003), at(4002)] },
    },
  })
  node.nowMs += LINKS_PAUSE_MS
  request(node, link, revision)
  const [second] = node.sent
  t.is(second?.message.type === 'LINKS' && second.message.data.connected, null)
})

test('survey - two requests within half a second get one answer', (t) => {
  const node = startNode()
  const link = node.accepts(identityAt(4002))
  request(node, link)
  node.nowMs += LINKS_PAUSE_MS - 1
  request(node, link)
  t.deepEqual(node.sent, [])
  node.nowMs += 1
  request(node, link)
  t.is(node.sent.length, 1)
})

test('survey - the request of a plain peer gets no answer, and a flood of them closes its link', (t) => {
  const node = startNode(KNOWN)
  for (const plain of [node.accepts(PLAIN), node.reaches(at(4002), PLAIN)]) {
    request(node, plain)
    t.deepEqual(node.orders, [])
  }
  for (const type of ['LINKS_REQUEST', 'LINKS']) {
    const link = node.accepts(identityAt(4002))
    const data = { have: 0, revision: 1, runtime: '', connected: [] }
    for (let count = 0; count < READ_BURST; count += 1) {
      node.receives(link, JSON.stringify({ type, data }))
    }
    t.deepEqual(node.closes, [])
    node.receives(link, JSON.stringify({ type, data }))
    t.deepEqual(node.closeCodes, [CloseCode.FLOOD])
  }
})

test('survey - the round trip is the time from the first ping to the first answer', (t) => {
  const node = startNode(KNOWN)
  const link = node.reaches(at(4002), identityAt(4002))
  node.receivesPong(link)
  const roundTripMs = () => [...node.mesh.links()][0]?.roundTripMs
  t.is(roundTripMs(), undefined, 'no ping yet')
  node.isSurveyed()
  node.nowMs += 40
  node.receivesHandshake(link, [at(4002)])
  t.is(roundTripMs(), undefined, 'that is no answer')
  node.nowMs += 2
  node.receivesPong(link)
  t.is(roundTripMs(), 42)
  node.nowMs += 100
  node.receivesPong(link)
  t.is(roundTripMs(), 42, 'no new ping')
})
