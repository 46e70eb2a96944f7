import test from 'ava'

import { Metrics } from '../../src/http/metrics.ts'
import type { NodeState } from '../../src/mesh/overview.ts'
import { identityAt } from '../helpers/core.ts'
import { linkTo, nodeAt } from '../helpers/site.ts'

const STARTED_AT = new Date('2026-01-01T00:00:00Z')

function metricsWith(...states: readonly NodeState[]): Metrics {
  return new Metrics({
    identity: identityAt(4001, { code: 'c'.repeat(64) }),
    overview: () => ({
      own: identityAt(4001),
      nodes: states.map((state, index) => nodeAt(4002 + index, { state })),
    }),
    sizes: () => ({ book: 3, links: 1 }),
    version: '0.1.0',
    runtime: 'Node.js "22"\\\n',
    startedAt: STARTED_AT,
  })
}

/** The samples, by name and labels. */
async function samplesOf(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => /^[a-z]/.test(line))
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ')
      return [line.slice(0, end), Number(line.slice(end + 1))]
    }),
  )
}

test('metrics - tell the state of the mesh, with zeros', async (t) => {
  const samples = await samplesOf(
    metricsWith(
      { kind: 'connected', link: linkTo(4002) },
      { kind: 'connected', link: linkTo(4003, { dialedBy: 'peer' }) },
      { kind: 'connected', link: linkTo(4004, { peer: undefined }) },
      { kind: 'backing-off', untilMs: 0, failures: 1 },
    ),
  )
  const expected = {
    'fullmesh_peers{state="connected"}': 3,
    'fullmesh_peers{state="attempting"}': 0,
    'fullmesh_peers{state="backing-off"}': 1,
    'fullmesh_peers{state="gone"}': 0,
    'fullmesh_connections{dialed_by="us",kind="fullmesh"}': 1,
    'fullmesh_connections{dialed_by="us",kind="plain"}': 1,
    'fullmesh_connections{dialed_by="peer",kind="fullmesh"}': 1,
    'fullmesh_connections{dialed_by="peer",kind="plain"}': 0,
    'fullmesh_table_entries{table="book"}': 3,
    'fullmesh_table_entries{table="links"}': 1,
    process_start_time_seconds: STARTED_AT.getTime() / 1_000,
  }
  for (const [name, value] of Object.entries(expected)) t.is(samples.get(name), value, name)
})

test('metrics - a gauge goes down again', async (t) => {
  const states: NodeState[] = [{ kind: 'connected', link: linkTo(4002) }]
  const metrics = new Metrics({
    identity: identityAt(4001),
    overview: () => ({
      own: identityAt(4001),
      nodes: states.map((state) => nodeAt(4002, { state })),
    }),
    sizes: () => ({}),
    version: '',
    runtime: '',
    startedAt: STARTED_AT,
  })
  const connections = async (): Promise<number | undefined> =>
    (await samplesOf(metrics)).get('fullmesh_connections{dialed_by="us",kind="fullmesh"}')
  t.is(await connections(), 1)
  t.is(await connections(), 1)
  states.pop()
  t.is(await connections(), 0)
})

test('metrics - count what happens', async (t) => {
  const metrics = metricsWith()
  metrics.dialEnded('opened')
  metrics.dialEnded('refused')
  metrics.dialEnded('refused')
  metrics.observe({ kind: 'duplicate-closed', peer: 'ws://localhost:4002' })
  metrics.frameSent('{"type":"HANDSHAKE","data":["ws://localhost:4001"]}')
  metrics.frameReceived(3, undefined)
  metrics.frameReceived(2, '\u00e9')
  metrics.linkClosed(1, 'us', 4001)
  metrics.linkClosed(2, 'peer', 4001)
  metrics.timerFired(3)
  const samples = await samplesOf(metrics)
  const expected = {
    'fullmesh_dials_total{outcome="opened"}': 1,
    'fullmesh_dials_total{outcome="refused"}': 2,
    fullmesh_duplicates_closed_total: 1,
    'fullmesh_frames_total{direction="sent"}': 1,
    'fullmesh_frames_total{direction="received"}': 2,
    'fullmesh_frame_bytes_total{direction="sent"}': 51,
    'fullmesh_frame_bytes_total{direction="received"}': 5,
    'fullmesh_handshakes_total{direction="sent"}': 1,
    'fullmesh_handshakes_total{direction="received"}': 0,
    'fullmesh_links_closed_total{by="us",code="4001"}': 1,
    'fullmesh_links_closed_total{by="peer",code="4001"}': 1,
    'fullmesh_event_loop_lag_seconds_bucket{le="0.0025"}': 0,
    'fullmesh_event_loop_lag_seconds_bucket{le="0.005"}': 1,
    fullmesh_event_loop_lag_seconds_count: 1,
  }
  for (const [name, value] of Object.entries(expected)) t.is(samples.get(name), value, name)
})

const HANDSHAKES = [
  '{"type":"HANDSHAKE","data":[]}',
  ' { "type" : "HANDSHAKE" , "data" : [] } ',
  `{"data":["${'x'.repeat(1_000)}"],"type":"HANDSHAKE"}`,
  '{\n  "data": [],\n  "type": "HANDSHAKE"\n}\n',
]
const OTHERS = ['', '{"type":"HELLO","data":"\\"type\\":\\"HANDSHAKE\\""}', '"HANDSHAKE"', '{}']

for (const [texts, count] of [
  [HANDSHAKES, 1],
  [OTHERS, 0],
] as const) {
  for (const text of texts) {
    test(`metrics - ${JSON.stringify(text.slice(0, 50))} is ${count} HANDSHAKE`, async (t) => {
      const metrics = metricsWith()
      metrics.frameReceived(text.length, text)
      const samples = await samplesOf(metrics)
      t.is(samples.get('fullmesh_handshakes_total{direction="received"}'), count)
    })
  }
}

test('metrics - time a ping once, and only one that was asked for', async (t) => {
  const metrics = metricsWith()
  metrics.pinged(1)
  metrics.ponged(1)
  metrics.ponged(1)
  metrics.ponged(2)
  metrics.pinged(3)
  metrics.linkClosed(3, 'network', 1006)
  metrics.ponged(3)
  t.is((await samplesOf(metrics)).get('fullmesh_ping_round_trip_seconds_count'), 1)
})

test('metrics - no peer can make up values of a label', async (t) => {
  const metrics = metricsWith()
  for (let code = 1_000; code < 5_000; code += 1) metrics.linkClosed(1, 'peer', code)
  const names = [...(await samplesOf(metrics)).keys()]
  const closed = names.filter((name) => name.startsWith('fullmesh_links_closed_total'))
  t.true(closed.length < 30, `${closed.length}`)
  t.true(closed.includes('fullmesh_links_closed_total{by="peer",code="other"}'))
})

test('metrics - several nodes in one process each count for themselves', async (t) => {
  const [one, other] = [metricsWith(), metricsWith()]
  one.dialEnded('opened')
  t.is((await samplesOf(other)).get('fullmesh_dials_total{outcome="opened"}'), 0)
})
