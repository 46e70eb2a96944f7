/** The limits of requests to peers over HTTP, at each of them and one above. */

import test from 'ava'
import { TIMEOUT_MS, TIMEOUT_MS_MAX } from '../../src/requests/limits.ts'
import { RawCall } from '../helpers/caller.ts'
import { handlerFor } from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const TO = 'to=ws://localhost:4002'

test('requests over HTTP - the longest time is taken, and a longer one is refused', async (t) => {
  t.deepEqual([TIMEOUT_MS, TIMEOUT_MS_MAX], [10_000, 2_147_483_647])
  const asked: unknown[] = []
  const { ask, port } = await handlerFor(t, {
    ask: async (_to, _topic, _body, { timeoutMs }) => {
      asked.push(timeoutMs)
      if (timeoutMs !== undefined && timeoutMs > TIMEOUT_MS_MAX) throw new RangeError('too long')
      return null
    },
  })
  const target = (timeoutMs: number) => `/requests/a?${TO}&timeoutMs=${timeoutMs}`
  const options = { method: 'POST', body: 'x' }
  t.is((await ask(target(TIMEOUT_MS_MAX), options)).status, 200)
  t.is((await ask(target(TIMEOUT_MS_MAX + 1), options)).status, 400)
  t.is((await ask(target(1e15), options)).status, 400)
  t.deepEqual(asked, [TIMEOUT_MS_MAX])

  // Before the body was read.
  const head = `POST ${target(TIMEOUT_MS_MAX + 1)} HTTP/1.1\r\nHost: localhost:${port}\r\n`
  const call = await RawCall.open(t, port, `${head}Content-Length: 2\r\n\r\nx`)
  await waitUntil(
    () => /^HTTP\/1\.1 400 [\s\S]*&timeoutMs=10000, at most 2147483647\n$/.test(call.received),
    () => `a refusal, got '${call.received}'`,
  )
})
