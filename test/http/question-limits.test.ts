/** The limits of requests to peers over HTTP, at each of them and one above. */

import test from 'ava'
import { QUESTIONS_BYTES_MAX, QUESTIONS_MAX, WAITING_MAX } from '../../src/http/limits.ts'
import { parseAddress } from '../../src/mesh/address/address.ts'
import { ITEM_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { TIMEOUT_MS, TIMEOUT_MS_MAX } from '../../src/requests/limits.ts'
import { isTopic } from '../../src/wire/topic.ts'
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

test('requests over HTTP - the longest topic, address and time are taken together', async (t) => {
  const topic = 'ü'.repeat(127).padEnd(128, 'a')
  t.true(isTopic(topic))
  t.false(isTopic(`${topic}a`))
  const address = 'ws://localhost:4001'.padEnd(256, '/')
  t.deepEqual(parseAddress(address), { kind: 'address', address })
  t.is(parseAddress(`${address}/`).kind, 'rejected')
  const asked: unknown[] = []
  const { ask } = await handlerFor(t, {
    ask: async (...question) => {
      asked.push(question.slice(0, 2))
      return null
    },
  })
  const everyByte = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`)
  for (const encoded of [encodeURIComponent, (text: string) => everyByte(text).join('')]) {
    const query = `to=${encoded(address)}&timeoutMs=${TIMEOUT_MS_MAX}`
    const path = `/requests/${encoded(topic)}?${query}`
    t.is((await ask(path, { method: 'POST', body: 'x' })).status, 200, `${path.length} characters`)
  }
  t.deepEqual(asked, [
    [address, topic],
    [address, topic],
  ])
})

test('requests over HTTP - more than documents may be awaited on one connection are asked', async (t) => {
  const count = WAITING_MAX + 1
  const answers: (() => void)[] = []
  const { port } = await handlerFor(t, {
    ask: () => new Promise((resolve) => answers.push(() => resolve(null))),
  })
  const one = `POST /requests/a?${TO} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`
  const call = await RawCall.open(t, port, one.repeat(count))
  await waitUntil(
    () => answers.length === count,
    () => `${count} requests to a peer, got ${answers.length}`,
  )
  for (const answer of answers) answer()
  const answered = (): number => call.received.split('HTTP/1.1 200 ').length - 1
  await waitUntil(
    () => answered() === count,
    () => `${count} answers, got '${call.received}'`,
  )
  t.is(answered(), count)
})

test('requests over HTTP - 32 MiB of bodies wait for answers, and one byte more is refused', async (t) => {
  const answers: (() => void)[] = []
  const { ask, port } = await handlerFor(t, {
    ask: () => new Promise((resolve) => answers.push(() => resolve(null))),
  })
  const count = QUESTIONS_BYTES_MAX / ITEM_BYTES_MAX
  const body = 'x'.repeat(ITEM_BYTES_MAX)
  const head = `POST /requests/a?${TO} HTTP/1.1\r\nHost: localhost:${port}\r\n`
  const whole = `${head}Content-Length: ${body.length}\r\n\r\n${body}`
  const call = await RawCall.open(t, port, whole.repeat(count))
  await waitUntil(
    () => answers.length === count,
    () => `${count} requests to a peer, got ${answers.length}`,
  )
  const one = () => ask(`/requests/a?${TO}`, { method: 'POST', body: 'x' })
  const refused = await one()
  t.is(refused.status, 429)
  t.regex(refused.text, /^TOO_MANY_REQUESTS: [^\n]+\n$/)
  answers[0]?.()
  await waitUntil(
    () => call.received.includes('HTTP/1.1 200 '),
    () => 'an answer',
  )
  const taken = one()
  await waitUntil(
    () => answers.length === count + 1,
    () => 'one more request',
  )
  for (const answer of answers) answer()
  t.is((await taken).status, 200)
})

test('requests over HTTP - as many wait for answers as may, and one more is refused', async (t) => {
  const answers: (() => void)[] = []
  const { ask, port } = await handlerFor(t, {
    ask: () => new Promise((resolve) => answers.push(() => resolve(null))),
  })
  const empty = `POST /requests/a?${TO} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 0\r\n\r\n`
  const call = await RawCall.open(t, port, empty.repeat(QUESTIONS_MAX + 1))
  await waitUntil(
    () => answers.length === QUESTIONS_MAX,
    () => `${QUESTIONS_MAX} requests to a peer, got ${answers.length}`,
  )
  const one = () => ask(`/requests/a?${TO}`, { method: 'POST', body: 'x' })
  t.is((await one()).status, 429)
  for (const answer of answers.splice(0)) answer()
  await waitUntil(
    () => call.isClosed,
    () => 'the end of the connection that asked too much',
  )
  t.is(call.received.split('HTTP/1.1 200 ').length - 1, QUESTIONS_MAX)
  t.is(call.received.split('TOO_MANY_REQUESTS: ').length - 1, 1)
  const taken = one()
  await waitUntil(
    () => answers.length === 1,
    () => 'one more request',
  )
  answers[0]?.()
  t.is((await taken).status, 200)
})
