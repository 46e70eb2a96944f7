/** `POST /peers` and `DELETE /peers` over real HTTP on loopback, and who may send them. */

import test, { type ExecutionContext } from 'ava'
import { NodeError } from '../../src/errors/node-error.ts'
import { ANSWER_MS_MAX, BODY_BYTES_MAX } from '../../src/http/limits.ts'
import { parseIpRanges } from '../../src/mesh/address/ip-range.ts'
import { RawCall } from '../helpers/caller.ts'
import { handlerFor, type RequestOptions, type TestHandler } from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const ADDRESS = 'ws://localhost:4002'
const REMOVE = `/peers?address=${encodeURIComponent(ADDRESS)}`
const TYPE = { 'Content-Type': 'application/json' } as const

interface ChangingHandler extends TestHandler {
  /** What reached the node. */
  readonly changes: readonly string[]
}

async function handlerThatChanges(t: ExecutionContext): Promise<ChangingHandler> {
  const changes: string[] = []
  // Who may look from everywhere may still not change anything.
  const parsed = parseIpRanges('*')
  const allow = parsed.kind === 'value' ? parsed.value : []
  const addPeer = (address: string): void => {
    if (address === 'x') throw new NodeError('CONFIG_KNOWN_PEERS_INVALID', "'x' is not a URL")
    changes.push(`added ${address}`)
  }
  const forget = (address: string): readonly string[] => {
    if (address === 'x') throw new NodeError('PEER_CONNECTED', 'x is connected')
    changes.push(`forgot ${address}`)
    return [address]
  }
  return Object.assign(await handlerFor(t, { allow, addPeer, forget }), { changes })
}

function post(body: string, headers: RequestOptions['headers'] = {}): RequestOptions {
  return { method: 'POST', headers: { ...TYPE, ...headers }, body }
}

test('peer changes - an address in JSON is added', async (t) => {
  const { ask, changes } = await handlerThatChanges(t)
  const { status, text } = await ask('/peers', post(JSON.stringify({ address: ADDRESS })))
  t.is(status, 200, text)
  t.deepEqual(JSON.parse(text), { added: ADDRESS })
  const typed = { 'Content-Type': 'Application/JSON; charset=utf-8' }
  t.is((await ask('/peers', post(JSON.stringify({ address: ADDRESS }), typed))).status, 200)
  t.deepEqual(changes, [`added ${ADDRESS}`, `added ${ADDRESS}`])
})

test('peer changes - an address in the query is forgotten', async (t) => {
  const { ask, changes } = await handlerThatChanges(t)
  for (const path of [REMOVE, `/peers?address=${ADDRESS}`]) {
    const { status, text } = await ask(path, { method: 'DELETE' })
    t.is(status, 200, text)
    t.deepEqual(JSON.parse(text), { forgotten: [ADDRESS] })
  }
  t.deepEqual(changes, [`forgot ${ADDRESS}`, `forgot ${ADDRESS}`])
})

test('peer changes - what the node refuses is 400, or 409 for a connected peer', async (t) => {
  const { ask } = await handlerThatChanges(t)
  t.like(await ask('/peers', post('{"address":"x"}')), { status: 400, text: "'x' is not a URL\n" })
  const reply = await ask('/peers?address=x', { method: 'DELETE' })
  t.like(reply, { status: 409, text: 'x is connected\n' })
})

for (const body of ['', '{', '[]', 'null', '"ws://localhost:4002"', '{}', '{"address":1}']) {
  test(`peer changes - the body ${body || '(none)'} is 400`, async (t) => {
    const { ask, changes } = await handlerThatChanges(t)
    t.is((await ask('/peers', post(body))).status, 400)
    t.deepEqual(changes, [])
  })
}

for (const query of ['', '?', '?addres=x', '?address=ws://a:1&address=ws://b:1']) {
  test(`peer changes - DELETE with the query '${query}' is 400`, async (t) => {
    const { ask, changes } = await handlerThatChanges(t)
    t.is((await ask(`/peers${query}`, { method: 'DELETE' })).status, 400)
    t.deepEqual(changes, [])
  })
}

test('peer changes - another Content-Type, as of a form, is 415', async (t) => {
  const { ask, changes } = await handlerThatChanges(t)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
    const reply = await ask('/peers', post('{"address":"x"}', { 'Content-Type': type }))
    t.is(reply.status, 415, type)
  }
  const untyped = await ask('/peers', { method: 'POST', body: '{"address":"x"}' })
  t.is(untyped.status, 415)
  t.deepEqual(changes, [])
})

test('peer changes - a body of as many bytes as it may have, and of one more', async (t) => {
  const { ask, changes } = await handlerThatChanges(t)
  const ofBytes = (bytes: number) => post(JSON.stringify({ address: ADDRESS }).padEnd(bytes))
  t.is((await ask('/peers', ofBytes(BODY_BYTES_MAX))).status, 200)
  t.is((await ask('/peers', ofBytes(BODY_BYTES_MAX + 1))).status, 413)
  t.is(changes.length, 1)
})

test('peer changes - a body that does not come in time is 408', async (t) => {
  const { port, changes } = await handlerThatChanges(t)
  const startMs = performance.now()
  const head = ['POST /peers HTTP/1.1', `Host: localhost:${port}`, 'Content-Length: 40']
  const call = await RawCall.open(
    t,
    port,
    [...head, 'Content-Type: application/json', '', '{'].join('\r\n'),
  )
  await waitUntil(
    () => call.isClosed,
    () => `the end of the connection, got '${call.received}'`,
    2 * ANSWER_MS_MAX,
  )
  t.regex(call.received, /^HTTP\/1\.1 408 /)
  t.true(performance.now() - startMs > 0.9 * ANSWER_MS_MAX)
  t.deepEqual(changes, [])
})

const REFUSED: readonly (readonly [from: string, status: number, headers: object])[] = [
  ['a page of another site', 403, { Origin: 'https://evil.example' }],
  ['another page of this machine', 403, { 'Sec-Fetch-Site': 'same-site' }],
  ['a page of another site, without Origin', 403, { 'Sec-Fetch-Site': 'cross-site' }],
  ['a name that leads here', 421, { Host: 'evil.example' }],
  ['a proxy that may look', 403, { 'X-Forwarded-For': '203.0.113.9' }],
]

for (const [from, status, headers] of REFUSED) {
  test(`peer changes - are refused from ${from}`, async (t) => {
    const { ask, changes } = await handlerThatChanges(t)
    const posted = await ask('/peers', post(JSON.stringify({ address: ADDRESS }), { ...headers }))
    t.is(posted.status, status)
    t.is((await ask(REMOVE, { method: 'DELETE', headers: { ...headers } })).status, status)
    t.deepEqual(changes, [])
  })
}
