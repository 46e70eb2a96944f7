import test from 'ava'
import { NodeError, type NodeErrorCode } from '../../src/errors/node-error.ts'
import { ITEM_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { RawCall } from '../helpers/caller.ts'
import { handlerFor } from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const TO = 'to=ws://localhost:4002'

test('requests over HTTP - the answer is JSON, whatever is asked', async (t) => {
  const asked: unknown[] = []
  const http = await handlerFor(t, {
    ask: async (to, topic, body, { timeoutMs }) => {
      asked.push([to, topic, body instanceof Uint8Array ? [...body] : body, timeoutMs])
      return body
    },
  })
  const post = async (path: string, body: string, type?: string) => {
    const headers = type === undefined ? {} : { 'content-type': type }
    const { status, text } = await http.ask(path, { method: 'POST', body, headers })
    t.is(status, 200, text)
    return JSON.parse(text)
  }
  t.is(await post(`/requests/a.b?${TO}`, 'hello'), 'hello')
  t.is(await post(`/requests/a.b?${TO}&timeoutMs=5`, ''), null)
  t.is(await post(`/requests/a.b?${TO}`, '', 'text/plain'), '')
  t.deepEqual(await post(`/requests/%C3%BC?${TO}`, '{"n":1}', 'application/json'), { n: 1 })
  const bytes = await post(`/requests/a?${TO}`, '\u0001\u0002', 'application/octet-stream')
  t.deepEqual(bytes, { base64: 'AQI=' })
  const to = 'ws://localhost:4002'
  t.deepEqual(asked, [
    [to, 'a.b', 'hello', undefined],
    [to, 'a.b', null, 5],
    [to, 'a.b', '', undefined],
    [to, 'ü', { n: 1 }, undefined],
    [to, 'a', [1, 2], undefined],
  ])
})

test('requests over HTTP - each failure has a status and its code', async (t) => {
  let code: NodeErrorCode = 'TIMEOUT'
  const ask = async (): Promise<never> => {
    throw new NodeError(code, 'why', { exitCode: 1 })
  }
  const http = await handlerFor(t, { ask })
  for (const [each, status] of [
    ['NO_RESPONDER', 404],
    ['TOO_MANY_REQUESTS', 429],
    ['RESPONDER_FAILED', 502],
    ['PEER_GONE', 502],
    ['TIMEOUT', 504],
  ] as const) {
    code = each
    t.like(await http.ask(`/requests/a?${TO}`, { method: 'POST', body: 'x' }), {
      status,
      text: `${each}: why\n`,
    })
  }
})

test('requests over HTTP - what is wrong is told before anything is asked', async (t) => {
  let asked = 0
  const http = await handlerFor(t, {
    ask: async () => {
      asked += 1
      return null
    },
  })
  const post = async (path: string, body = 'x', headers: Record<string, string> = {}) =>
    (await http.ask(path, { method: 'POST', body, headers })).status
  for (const path of [
    '/requests/a',
    '/requests/a?to=',
    `/requests/a.*?${TO}`,
    `/requests/?${TO}`,
    `/requests/a?${TO}&other=1`,
    `/requests/a?${TO}&timeoutMs=0`,
    `/requests/%FF?${TO}`,
  ]) {
    t.is(await post(path), 400, path)
  }
  t.is(await post(`/requests/a?${TO}`, '{', { 'content-type': 'application/json' }), 400)
  t.is(await post(`/requests/a?${TO}`, 'x'.repeat(ITEM_BYTES_MAX + 1)), 413)
  t.is(await post(`/requests/a?${TO}`, 'x', { origin: 'https://example.com' }), 403)
  t.is((await http.ask(`/requests/a?${TO}`)).status, 405)
  t.is((await http.ask(`/requests/a?${TO}`, { method: 'PUT', body: 'x' })).status, 405)
  t.is(asked, 0)
  t.is(await post(`/requests/a?${TO}`, 'x'.repeat(ITEM_BYTES_MAX)), 200)
})

test('requests over HTTP - a client that goes gives the request up', async (t) => {
  let given: AbortSignal | undefined
  const http = await handlerFor(t, {
    ask: (_to, _topic, _body, { signal }) => {
      given = signal
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      )
    },
  })
  const head = `POST /requests/a?${TO} HTTP/1.1\r\nHost: localhost:${http.port}\r\n`
  const call = await RawCall.open(t, http.port, `${head}Content-Length: 1\r\n\r\nx`)
  await waitUntil(
    () => given !== undefined,
    () => 'nothing asked',
  )
  call.socket.destroy()
  await waitUntil(
    () => given?.aborted === true,
    () => 'not given up',
  )
  t.pass()
})
