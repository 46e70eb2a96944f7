/** The schema in docs/PROTOCOL.md describes what is served, all of it and nothing else. */

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import test from 'ava'
import * as limits from '../../src/http/limits.ts'
import { statusShape } from '../../src/http/status.ts'
import { RUNTIME_CHARS_MAX } from '../../src/mesh/limits.ts'
import { at } from '../helpers/core.ts'
import { handlerFor, linkTo, nodeAt } from '../helpers/http-handler.ts'

const PROTOCOL = new URL('../../docs/PROTOCOL.md', import.meta.url)

/** The schema as the document has it. */
function schemaText(): string {
  return /```json schema\n([^`]+)```/.exec(readFileSync(PROTOCOL, 'utf8'))?.[1] ?? ''
}

/** Readers must accept keys that are added later; this test must not. */
function strictSchema(): unknown {
  return JSON.parse(schemaText(), (_key, value) =>
    value?.properties === undefined ? value : { ...value, additionalProperties: false },
  )
}

const LAST_ENDING = {
  atMs: 5,
  what: { kind: 'link-ended', ending: { by: 'peer', code: 1001, reason: 'node stops' } },
} as const

test('schema - is that of the definition in src/http/status.ts', (t) => {
  const { $schema, title, ...schema } = JSON.parse(schemaText())
  t.is($schema, 'https://json-schema.org/draft/2020-12/schema')
  t.is(typeof title, 'string')
  t.deepEqual(schema, statusShape().schema)
})

test('schema - describes every status, and every key of it', async (t) => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    Object(strictSchema()),
  )
  const http = await handlerFor(t)
  const report = { runtime: 'Bun 1.4.5', revision: 1, connected: [at(4001)] }
  const plain = linkTo(4003, { peer: undefined, roundTripMs: undefined })
  const pictures = [
    [],
    [nodeAt(4002, { state: { kind: 'connected', link: linkTo(4002, { report }) } })],
    [nodeAt(4003, { state: { kind: 'connected', link: plain }, lastEnding: LAST_ENDING })],
    [nodeAt(4004, { state: { kind: 'backing-off', untilMs: 1, failures: 1 } })],
    [nodeAt(4005, { state: { kind: 'attempting' } }), nodeAt(4006, { state: { kind: 'gone' } })],
  ]
  http.handler.observe({ kind: 'peer-joined', address: at(4002), connected: 1 })
  for (const nodes of pictures) {
    http.overview = { ...http.overview, nodes }
    const document: unknown = JSON.parse((await http.ask('/peers')).text)
    t.true(validate(document), JSON.stringify(validate.errors))
  }
  const valid = http.handler.status()
  t.false(validate({ ...valid, format: 2 }))
  t.false(validate({ ...valid, more: 1 }))
  t.false(validate({ ...valid, log: Array(101).fill(valid.log[0]) }))
})

test('schema - the limits in section 8 are the limits', (t) => {
  const text = readFileSync(PROTOCOL, 'utf8').replaceAll(/\s+/g, ' ')
  for (const sentence of [
    `more than ${limits.URL_CHARS_MAX.toLocaleString('en')} characters`,
    `more than ${limits.REQUESTS_BURST} requests at once and ${limits.REQUESTS_PER_SECOND} a second`,
    `more than ${limits.EVENT_STREAM_CLIENTS_MAX} clients`,
    `at most every ${limits.EVENT_STREAM_PACE_MS} ms`,
    `a comment every ${limits.EVENT_STREAM_KEEP_ALIVE_MS / 1_000} s`,
    `"maxItems": ${limits.RECENT_EVENTS_MAX}`,
    `"maxLength": ${RUNTIME_CHARS_MAX}`,
  ]) {
    t.true(text.includes(sentence), sentence)
  }
})
