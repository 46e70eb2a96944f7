/** Who may publish and follow over HTTP. */

import test from 'ava'
import { parseIpRanges } from '../../src/mesh/address/ip-range.ts'
import { stageFor } from '../helpers/topics-stage.ts'

const REFUSED = [
  [403, { origin: 'http://evil.example' }],
  [403, { origin: 'http://localhost:3000' }],
  [403, { origin: 'null' }],
  [403, { 'sec-fetch-site': 'cross-site' }],
  [
    403,
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ],
  [421, { host: 'evil.example' }],
  [403, { 'x-forwarded-for': '127.0.0.1' }],
] as const

for (const [expected, headers] of REFUSED) {
  test(`topics - are closed to ${JSON.stringify(headers)}`, async (t) => {
    const { http, topics, bodies } = await stageFor(t)
    for (const method of ['GET', 'POST', 'HEAD']) {
      const { status } = await http.ask('/topics/a', { method, headers })
      t.is(status, expected)
    }
    t.deepEqual(bodies(), [])
    t.is(topics.followers, 0)
  })
}

test('topics - TOPICS_ALLOW opens both, HTTP_ALLOW none of them', async (t) => {
  const all = parseIpRanges('*')
  if (all.kind !== 'value') return t.fail()
  const headers = { via: 'a proxy' }
  const looking = await stageFor(t, { allow: all.value })
  t.is((await looking.http.ask('/health', { headers })).status, 200)
  for (const method of ['POST', 'HEAD']) {
    const { status, text } = await looking.http.ask('/topics/a', { method, headers })
    t.is(status, 403)
    if (method === 'POST') t.regex(text, /; set TOPICS_ALLOW=127\.0\.0\.1 on the node/)
  }
  const open = await stageFor(t, { topicsAllow: all.value })
  t.is((await open.http.ask('/health', { headers })).status, 403)
  t.is((await open.http.ask('/topics/a', { method: 'HEAD', headers })).status, 200)
  t.is((await open.http.ask('/topics/a', { method: 'POST', headers })).status, 201)
})

test('topics - the page of the node itself may publish', async (t) => {
  const { http } = await stageFor(t)
  const host = `localhost:${http.port}`
  const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }
  t.is((await http.ask('/topics/a', { method: 'POST', headers })).status, 201)
})

test('topics - other methods are refused, and none is allowed to other sites', async (t) => {
  const { http } = await stageFor(t)
  for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await http.ask('/topics/a', { method })
    t.is(status, 405)
    t.is(headers.allow, 'GET, HEAD, POST')
    t.is(headers['access-control-allow-origin'], undefined)
  }
})
