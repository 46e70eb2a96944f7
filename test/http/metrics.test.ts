import test from 'ava'

import { metricsText } from '../../src/http/metrics.ts'
import { Counters } from '../../src/mesh/counters.ts'
import type { NodeState } from '../../src/mesh/overview.ts'
import { at, identityAt, startNode, type TestNode } from '../helpers/core.ts'
import { linkTo, NO_REQUESTS, nodeAt, overviewWith } from '../helpers/http-handler.ts'

const STARTED_AT = new Date('2026-01-01T00:00:00Z')

function metricsWith(states: readonly NodeState[], counters = new Counters()): Promise<string> {
  return metricsText({
    certificate: { hash: 'd'.repeat(64), expiresMs: 1_800_000_000_000 },
    keys: [{ key: '0a1b2c3d', links: 2 }],
    securityOf: (address) => ({
      encrypted: address === at(4002),
      key: address === at(4003) ? '0a1b2c3d' : null,
    }),
    lagOf: (address) => (address === at(4002) ? 3 : 1),
    overview: overviewWith(
      states.map((state, index) => nodeAt(4002 + index, { state, known: index === 0 })),
      identityAt(4001, { code: 'c'.repeat(64) }),
    ),
    counters,
    messages: {
      published: 5,
      delivered: { own: 5, sender: 8, relay: 2 },
      gaps: 1,
      logBytes: 700,
      logBytesMax: 900,
      oldestMs: 1_500,
      lag: { sum: 4, max: 3 },
    },
    requests: {
      ...NO_REQUESTS,
      sent: 9,
      received: 4,
      outcomes: { ...NO_REQUESTS.outcomes, answered: 5, TIMEOUT: 1 },
      open: { sent: 3, received: 2 },
    },
    sizes: { book: 3, links: 1 },
    version: '0.1.0',
    runtime: 'Node.js "22"\\\n',
    startedAt: STARTED_AT,
  })
}

/** The samples, by name and labels. */
function samplesIn(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => /^[a-z]/.test(line))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

/** The samples after a node has counted this. */
async function samplesAfter(count: (node: TestNode) => void): Promise<ReadonlyMap<string, number>> {
  const node = startNode({ knownPeers: [at(4002)] })
  count(node)
  return samplesIn(await metricsWith([], node.mesh.counters()))
}

test('metrics - have the state of the mesh, with zeros', async (t) => {
  const samples = samplesIn(
    await metricsWith([
      { kind: 'connected', link: linkTo(4002) },
      { kind: 'connected', link: linkTo(4003, { dialedBy: 'peer' }) },
      { kind: 'connected', link: linkTo(4004, { peer: undefined }) },
      { kind: 'backing-off', untilMs: 0, failures: 1 },
      { kind: 'connected', link: linkTo(4006) },
    ]),
  )
  const expected = {
    'fullmesh_peers{state="connected"}': 4,
    'fullmesh_peers{state="attempting"}': 0,
    'fullmesh_peers{state="backing-off"}': 1,
    'fullmesh_peers{state="gone"}': 0,
    'fullmesh_connections{dialed_by="us",kind="fullmesh"}': 2,
    'fullmesh_connections{dialed_by="us",kind="plain"}': 1,
    'fullmesh_connections{dialed_by="peer",kind="fullmesh"}': 1,
    'fullmesh_connections{dialed_by="peer",kind="plain"}': 0,
    'fullmesh_table_entries{table="book"}': 3,
    'fullmesh_table_entries{table="links"}': 1,
    fullmesh_messages_published_total: 5,
    'fullmesh_messages_delivered_total{origin="own"}': 5,
    'fullmesh_messages_delivered_total{origin="sender"}': 8,
    'fullmesh_messages_delivered_total{origin="relay"}': 2,
    fullmesh_message_gaps_total: 1,
    fullmesh_message_log_bytes: 700,
    fullmesh_message_log_max_bytes: 900,
    fullmesh_message_log_oldest_seconds: 1.5,
    'fullmesh_message_lag{of="sum"}': 4,
    'fullmesh_message_lag{of="max"}': 3,
    [`fullmesh_peer_message_lag{peer="${at(4002)}"}`]: 3,
    [`fullmesh_peer_message_lag{peer="${at(4003)}"}`]: 1,
    'fullmesh_requests_total{direction="sent"}': 9,
    'fullmesh_requests_total{direction="received"}': 4,
    'fullmesh_requests_open{direction="sent"}': 3,
    'fullmesh_requests_open{direction="received"}': 2,
    'fullmesh_request_outcomes_total{outcome="answered"}': 5,
    'fullmesh_request_outcomes_total{outcome="TIMEOUT"}': 1,
    'fullmesh_request_outcomes_total{outcome="PEER_GONE"}': 0,
    fullmesh_encrypted_connections: 1,
    'fullmesh_secret_connections{key="0a1b2c3d"}': 2,
    fullmesh_certificate_expiry_seconds: 1_800_000_000,
    process_start_time_seconds: STARTED_AT.getTime() / 1_000,
  }
  for (const [name, value] of Object.entries(expected)) t.is(samples.get(name), value, name)
  const peers = [...samples.keys()].filter((name) => name.includes('peer='))
  t.is(peers.length, 2, 'whoever was not named and has proven nothing makes no label')
})

test('metrics - count what happens', async (t) => {
  const samples = await samplesAfter((node) => {
    node.failsToReach(at(4002))
    node.receivesHandshake(node.accepts(identityAt(4003)), [at(4003)])
    node.loses(node.accepts(identityAt(4004)), 4001)
    const link = node.accepts(identityAt(4005))
    node.handle({ kind: 'frame-received', link, frame: { kind: 'binary', bytes: 3 }, bytes: 3 })
  })
  const expected = {
    'fullmesh_dials_total{outcome="opened"}': 0,
    'fullmesh_dials_total{outcome="refused"}': 1,
    fullmesh_duplicates_closed_total: 0,
    'fullmesh_frames_total{direction="sent"}': 3,
    'fullmesh_frames_total{direction="received"}': 2,
    'fullmesh_frame_bytes_total{direction="received"}': 54,
    'fullmesh_handshakes_total{direction="sent"}': 3,
    'fullmesh_handshakes_total{direction="received"}': 1,
    'fullmesh_links_closed_total{by="us",code="1003"}': 1,
    'fullmesh_links_closed_total{by="peer",code="4001"}': 1,
  }
  for (const [name, value] of Object.entries(expected)) t.is(samples.get(name), value, name)
})

test('metrics - a HANDSHAKE is counted as one in any spelling', async (t) => {
  const texts = [' { "type" : "HANDSHAKE" , "data" : [] } ', '{"data":[],"type":"HANDSHAKE"}']
  const others = ['{"type":"HELLO","data":"\\"type\\":\\"HANDSHAKE\\""}']
  const samples = await samplesAfter((node) => {
    const link = node.accepts(identityAt(4003))
    for (const text of [...texts, ...others]) node.receives(link, text)
  })
  t.is(samples.get('fullmesh_handshakes_total{direction="received"}'), texts.length)
})

test('metrics - time a ping once, and only one that was sent', async (t) => {
  const samples = await samplesAfter((node) => {
    const link = node.reaches(at(4002), identityAt(4002))
    node.receivesPong(link)
    node.isSurveyed()
    node.nowMs += 3
    node.receivesPong(link)
    node.receivesPong(link)
  })
  t.is(samples.get('fullmesh_ping_round_trip_seconds_count'), 1)
  t.is(samples.get('fullmesh_ping_round_trip_seconds_sum'), 0.003)
  t.is(samples.get('fullmesh_ping_round_trip_seconds_bucket{le="0.0025"}'), 0)
  t.is(samples.get('fullmesh_ping_round_trip_seconds_bucket{le="0.005"}'), 1)
  t.is(samples.get('fullmesh_ping_round_trip_seconds_bucket{le="+Inf"}'), 1)
})

test('metrics - have how late timers fired', async (t) => {
  const samples = await samplesAfter((node) => {
    node.nowMs = (node.mesh.deadlineMs() ?? 0) + 20_000
    node.handle({ kind: 'deadline' })
  })
  t.is(samples.get('fullmesh_event_loop_lag_seconds_bucket{le="10"}'), 0)
  t.is(samples.get('fullmesh_event_loop_lag_seconds_count'), 1)
  t.is(samples.get('fullmesh_event_loop_lag_seconds_sum'), 20)
})

test('metrics - no peer can invent values of a label, or fill the memory with them', async (t) => {
  const node = startNode()
  for (let code = 1_000; code < 5_000; code += 1) node.loses(node.accepts(identityAt(code)), code)
  t.true(node.mesh.counters().closes.length <= 256 + 3)
  const names = [...samplesIn(await metricsWith([], node.mesh.counters())).keys()]
  const closed = names.filter((name) => name.startsWith('fullmesh_links_closed_total'))
  t.true(closed.length < 30, `${closed.length}`)
  t.true(closed.includes('fullmesh_links_closed_total{by="peer",code="other"}'))
})
