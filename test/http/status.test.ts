import test from 'ava'
import { parseStatus } from '../../src/http/status.ts'
import { aLink, aPeer, aStatus, STATUS_TIME } from '../helpers/status-document.ts'

test('status document - a node of a version without messages carries none', (t) => {
  const { messages: _, lag: _lag, ...link } = aLink()
  const parsed = parseStatus({ ...aStatus(), peers: [{ ...aPeer(4002), link }] })
  t.like(parsed, { kind: 'status', status: { peers: [{ link: { messages: false, lag: 0 } }] } })
})

test('status document - accepts what a node serves', (t) => {
  const close = { by: 'peer', code: 1001 } as const
  const text = "closed by peer: 1001 'node stops'"
  const ending = { at: STATUS_TIME, text, close, dial: null }
  const status = aStatus([
    aPeer(4002),
    aPeer(4003, { link: aLink({ roundTripMs: null, id: null, runtime: null, sameCode: null }) }),
    aPeer(4004, { state: 'backing-off', retryInMs: 900, link: null, lastEnding: ending }),
    aPeer(4005, { state: 'attempting', link: null, connectedTo: null }),
    aPeer(4006, { state: 'gone', link: null }),
  ])
  const served: unknown = JSON.parse(JSON.stringify(status))
  t.deepEqual(parseStatus(served), { kind: 'status', status })
})

test('status document - ignores what a later version may add', (t) => {
  const status = aStatus([aPeer(4002)])
  t.deepEqual(parseStatus({ ...status, more: 1 }), { kind: 'status', status })
})

const WRONG: readonly (readonly [document: unknown, problem: string])[] = [
  [undefined, 'the document is not an object'],
  [[], 'the document is not an object'],
  ['text', 'the document is not an object'],
  [{}, 'format is not a number'],
  [{ ...aStatus(), format: 2 }, 'its format is 2; this program reads format 1'],
  [{ ...aStatus(), complete: 1 }, 'complete is not a boolean'],
  [{ ...aStatus(), summary: undefined }, 'summary is not text'],
  [{ ...aStatus(), peers: {} }, 'peers is not a list'],
  [
    { ...aStatus(), node: { ...aStatus().node, startedAt: 'soon' } },
    'node.startedAt is not a time',
  ],
  [{ ...aStatus(), node: { ...aStatus().node, code: 1 } }, 'node.code is not text'],
  [{ ...aStatus(), peers: [aPeer(4002), null] }, 'peers[1] is not an object'],
  [
    { ...aStatus(), peers: [{ ...aPeer(4002), state: 'odd' }] },
    'peers[0].state is not one of connected, attempting, backing-off, gone',
  ],
  [
    { ...aStatus(), peers: [{ ...aPeer(4002), link: { ...aLink(), dialedBy: 'toString' } }] },
    'peers[0].link.dialedBy is not one of us, peer',
  ],
  [
    { ...aStatus(), peers: [{ ...aPeer(4002), connectedTo: [1] }] },
    'peers[0].connectedTo[0] is not text',
  ],
  [JSON.parse('{"__proto__": {"format": 1}}'), 'format is not a number'],
]

for (const [index, [document, problem]] of WRONG.entries()) {
  test(`status document - rejected because ${problem} (${index + 1})`, (t) => {
    t.deepEqual(parseStatus(document), { kind: 'rejected', problem })
  })
}
