import test from 'ava'
import { buildStatus } from '../../src/http/status-document.ts'
import { QUOTED_CHARS_MAX } from '../../src/log/printable.ts'
import { RUNTIME_CHARS_MAX } from '../../src/mesh/limits.ts'
import type { NodeState, Overview } from '../../src/mesh/overview.ts'
import { address, at, identityAt, meshId } from '../helpers/core.ts'
import { linkTo, nodeAt, overviewWith } from '../helpers/http-handler.ts'

const NOW_MS = 60_000

const CONTEXT = {
  lagOf: () => 7,
  securityOf: () => ({ encrypted: true, key: '0a1b2c3d' }),
  version: '0.1.0',
  runtime: 'Node.js 22.23.2',
  startedAt: '2026-01-01T00:00:00.000Z',
  clock: {
    nowMs: () => NOW_MS,
    dateOf: (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString(),
  },
  events: [],
  sources: [],
}

const CODE = 'a'.repeat(64)

function overviewOf(...nodes: Overview['nodes']): Overview {
  return overviewWith(nodes, identityAt(4001, { code: CODE }))
}

function peerOf(...nodes: Overview['nodes']) {
  const [peer] = buildStatus(overviewOf(...nodes), CONTEXT).peers
  if (peer === undefined) throw new Error('no peer')
  return peer
}

test('status - describes the node itself', (t) => {
  const { format, node } = buildStatus(overviewOf(), CONTEXT)
  t.is(format, 1)
  t.deepEqual(node, {
    address: 'ws://localhost:4001',
    id: meshId(4001),
    mesh: 'mesh',
    version: '0.1.0',
    runtime: 'Node.js 22.23.2',
    code: CODE,
    startedAt: '2026-01-01T00:00:00.000Z',
    data: {},
    certificate: null,
  })
  t.is(buildStatus(overviewWith([]), CONTEXT).node.code, null)
  const sha256 = 'd'.repeat(64)
  const certificate = { hash: sha256, expiresMs: Date.UTC(2026, 11, 29) }
  t.deepEqual(buildStatus(overviewOf(), { ...CONTEXT, certificate }).node.certificate, {
    sha256,
    expiresAt: '2026-12-29T00:00:00.000Z',
  })
})

test('status - describes a link', (t) => {
  const report = { runtime: 'Deno 2.9.6', revision: 1, connected: [at(4001), at(4003)] }
  const link = linkTo(4002, { dialedBy: 'peer', isSilent: true, roundTripMs: 1.6, report })
  const ending = { by: 'network', code: 1006, reason: '' } as const
  const lastEnding = { atMs: 500, what: { kind: 'link-ended', ending } } as const
  t.deepEqual(
    peerOf(nodeAt(4002, { known: true, state: { kind: 'connected', link }, lastEnding })),
    {
      address: 'ws://localhost:4002',
      known: true,
      state: 'connected',
      retryInMs: null,
      link: {
        dialedBy: 'peer',
        since: '2026-01-01T00:00:01.000Z',
        roundTripMs: 2,
        silent: true,
        id: meshId(4002),
        runtime: 'Deno 2.9.6',
        sameCode: true,
        messages: true,
        lag: 7,
        data: {},
        encrypted: true,
        key: '0a1b2c3d',
      },
      connectedTo: ['ws://localhost:4001', 'ws://localhost:4003'],
      lastEnding: {
        at: '2026-01-01T00:00:00.500Z',
        text: 'connection lost',
        close: { by: 'network', code: 1006 },
        dial: null,
      },
    },
  )
})

test('status - a plain peer has a link and nothing else', (t) => {
  const link = linkTo(4002, { peer: undefined, roundTripMs: undefined })
  t.like(peerOf(nodeAt(4002, { state: { kind: 'connected', link } })), {
    link: { id: null, runtime: null, roundTripMs: null, sameCode: null, messages: false },
    connectedTo: null,
  })
})

const SAME_CODE: readonly (readonly [own: string, peer: string, same: boolean | null])[] = [
  [CODE, CODE, true],
  [CODE, 'b'.repeat(64), false],
  [CODE, '', null],
  ['', CODE, null],
  ['', '', null],
]

for (const [own, code, same] of SAME_CODE) {
  test(`status - code '${own.slice(0, 1)}' and '${code.slice(0, 1)}': same is ${same}`, (t) => {
    const link = linkTo(4002, { peer: { id: meshId(4002), code, messages: true } })
    const nodes = [nodeAt(4002, { state: { kind: 'connected', link } })]
    const overview = overviewWith(nodes, identityAt(4001, { code: own }))
    t.is(buildStatus(overview, CONTEXT).peers[0]?.link?.sameCode, same)
  })
}

test('status - has what nodes tell of themselves, with nothing invisible in it', (t) => {
  const link = linkTo(4002, {
    data: JSON.parse('{"\\u202ea":["\\n",{"b":"\\u0007"},1,null],"__proto__":"c"}'),
  })
  const nodes = [nodeAt(4002, { state: { kind: 'connected', link } })]
  const status = buildStatus({ ...overviewWith(nodes), data: { name: 'an\u200bna' } }, CONTEXT)
  t.deepEqual(status.node.data, { name: 'an\\u200bna' })
  t.is(
    JSON.stringify(status.peers[0]?.link?.data),
    '{"\\\\u202ea":["\\\\n",{"b":"\\\\x07"},1,null],"__proto__":"c"}',
  )
})

test('status - has the time until the next dial, which may be overdue', (t) => {
  const until = (untilMs: number): NodeState => ({ kind: 'backing-off', untilMs, failures: 2 })
  t.is(peerOf(nodeAt(4002, { state: until(NOW_MS + 1_499.6) })).retryInMs, 1_500)
  t.is(peerOf(nodeAt(4002, { state: until(NOW_MS - 5) })).retryInMs, 0)
})

const SUMMARIES: readonly (readonly [kinds: string, summary: string, complete: boolean])[] = [
  ['', 'no other node connected', true],
  ['gone', 'no other node connected', true],
  ['connected', 'all 2 nodes connected', true],
  ['connected gone', 'all 2 nodes connected', true],
  ['attempting', '1 of 2 nodes connected, 1 missing', false],
  ['backing-off', '1 of 2 nodes connected, 1 missing', false],
  ['connected attempting gone backing-off', '2 of 4 nodes connected, 2 missing', false],
]

for (const [kinds, summary, complete] of SUMMARIES) {
  test(`status - ${kinds || 'no other node'}: ${summary}`, (t) => {
    const states: Readonly<Record<string, NodeState>> = {
      connected: { kind: 'connected', link: linkTo(4002) },
      attempting: { kind: 'attempting' },
      'backing-off': { kind: 'backing-off', untilMs: 0, failures: 1 },
      gone: { kind: 'gone' },
    }
    const nodes = kinds.split(' ').flatMap((kind, index) => {
      const state = states[kind]
      return state === undefined ? [] : [nodeAt(4002 + index, { state })]
    })
    t.like(buildStatus(overviewOf(...nodes), CONTEXT), { summary, complete })
  })
}

test('status - has the peers in the order of their addresses', (t) => {
  const hosts = ['ws://localhost:4010', 'ws://10.0.0.1', 'wss://a.example', 'ws://localhost:4002']
  const nodes = hosts.map((host) => nodeAt(4002, { address: address(host) }))
  t.deepEqual(
    buildStatus(overviewOf(...nodes), CONTEXT).peers.map((peer) => peer.address),
    [...hosts].sort(),
  )
})

test('status - text of a peer is harmless and short', (t) => {
  const nasty = `\u001b[2J\u202e\n${'\u{1f600}'.repeat(1_000)}`
  const report = { runtime: nasty, revision: 1, connected: [] }
  const ending = { by: 'peer', code: 4999, reason: nasty } as const
  const { link, lastEnding } = peerOf(
    nodeAt(4002, {
      state: { kind: 'connected', link: linkTo(4002, { report }) },
      lastEnding: { atMs: 0, what: { kind: 'link-ended', ending } },
    }),
  )
  const texts = [
    [link?.runtime ?? '', RUNTIME_CHARS_MAX],
    [lastEnding?.text ?? '', QUOTED_CHARS_MAX + 40],
  ] as const
  for (const [text, charsMax] of texts) {
    t.notRegex(text, /[\p{Cc}\p{Cf}\p{Cs}]/u)
    t.true(text.startsWith('\\x1b[2J') || text.includes("'\\x1b[2J"), text)
    t.true([...text].length <= charsMax, `${[...text].length}`)
  }
})

test('status - the name of a runtime is cut above its limit only', (t) => {
  const runtimeOf = (runtime: string): string | null | undefined => {
    const report = { runtime, revision: 1, connected: [] }
    return peerOf(nodeAt(4002, { state: { kind: 'connected', link: linkTo(4002, { report }) } }))
      .link?.runtime
  }
  t.is(runtimeOf('x'.repeat(RUNTIME_CHARS_MAX)), 'x'.repeat(RUNTIME_CHARS_MAX))
  t.is(runtimeOf('x'.repeat(RUNTIME_CHARS_MAX + 1)), `${'x'.repeat(RUNTIME_CHARS_MAX - 1)}…`)
})

test('status - has the reason why a dial failed', (t) => {
  const what = { kind: 'dial-failed', failure: 'refused', reason: 'no\n' } as const
  const lastEnding = { atMs: 0, what }
  const peer = peerOf(nodeAt(4002, { state: { kind: 'attempting' }, lastEnding }))
  t.like(peer.lastEnding, {
    text: "cannot connect: 'no\\n'",
    close: null,
    dial: { failure: 'refused', reason: 'no\\n' },
  })
})

test('status - leaves out a list that exceeds the limit', (t) => {
  const report = { runtime: '', revision: 1, connected: [at(4001), at(4003)] }
  const nodes = [4002, 4004].map((port) =>
    nodeAt(port, { state: { kind: 'connected', link: linkTo(port, { report }) } }),
  )
  const chars = 2 * at(4001).length
  const listsWith = (reportedCharsMax: number) =>
    buildStatus(overviewOf(...nodes), { ...CONTEXT, reportedCharsMax }).peers.map(
      ({ connectedTo }) => connectedTo?.length,
    )
  t.deepEqual(listsWith(2 * chars), [2, 2])
  t.deepEqual(listsWith(2 * chars - 1), [2, undefined])
})
