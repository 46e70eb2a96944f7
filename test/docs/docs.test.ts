/**
 * The pages say what is true: their names, numbers, tables and examples are compared with the code.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { SETTINGS, TIMING_SETTINGS } from '../../src/config/settings.ts'
import { ANSWER_MS_MAX } from '../../src/http/limits.ts'
import type { NodeEvent } from '../../src/log/events.ts'
import { logLineFor } from '../../src/log/log-messages.ts'
import {
  ACCEPTED_LINKS_MAX,
  BOOK_ADDRESSES_MAX,
  CONNECTIONS_MAX,
  CONNECTS_BURST,
  CONNECTS_PER_SECOND,
  DIALS_MAX,
  DIALS_RESERVED,
  DIALS_UNCALLED,
  FRAME_BYTES_MAX,
  HANDSHAKE_ADDRESSES_MAX,
  IDLE_MS,
  LEARN_BURST,
  LEARN_PER_SECOND,
  LINKS_PER_PEER_MAX,
  OWN_SPELLING_MS,
  PLACE_ADDRESSES_MAX,
  READ_BURST,
  READ_PER_SECOND,
  SILENT_LINKS_MAX,
} from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { decode } from '../../src/wire/codec.ts'
import { headersOf, parseMeshId } from '../../src/wire/headers.ts'
import { at } from '../helpers/core.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
]

/** The cells of all rows of all tables of a page. */
function rowsOf(page: string): readonly (readonly string[])[] {
  return read(page)
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

for (const page of PAGES) {
  test(`docs - every link in ${page} leads somewhere`, (t) => {
    const text = read(page)
    t.true(text.length > 0)
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      t.true(existsSync(join(ROOT, dirname(page), target)), target)
    }
  })
}

test('docs - the log in README.md is what a node prints', (t) => {
  const log = read('README.md').match(/^ {4}\d\d:\d\d:\d\d .+$/gm) ?? []
  t.is(log.length, 4)
  const ending = { by: 'peer', code: 1001, reason: 'node stops' } as const
  const events: readonly NodeEvent[] = [
    { kind: 'listening', address: 'ws://localhost:4001' },
    { kind: 'page', url: 'http://localhost:4001/' },
    { kind: 'peer-joined', address: at(4002), connected: 1 },
    { kind: 'peer-left', address: at(4002), connected: 0, ending },
  ]
  t.deepEqual(
    log.map((line) => line.replace(/^ {4}\S+ /, '')),
    events.map((event) => logLineFor(event).text),
  )
})

test('docs - the settings in README.md are the settings, with their defaults', (t) => {
  const rows = rowsOf('README.md')
  const all = [...Object.values(SETTINGS), ...TIMING_SETTINGS]
  for (const { name } of all)
    t.true(
      rows.some(([first]) => first === `\`${name}\``),
      name,
    )
  for (const { name, meaning, defaultText } of TIMING_SETTINGS) {
    t.true(
      rows.some((row) => row.join() === [`\`${name}\``, meaning, defaultText].join()),
      name,
    )
  }
  const named = rows.map(([first = '']) => /^`([A-Z_]+)`$/.exec(first)?.[1] ?? '').filter(Boolean)
  t.deepEqual(
    named,
    all.map(({ name }) => name),
  )
})

test('docs - every JSON example in PROTOCOL.md is a message', (t) => {
  const examples = [...read('docs/PROTOCOL.md').matchAll(/```json\n([^`]+)```/g)]
  t.true(examples.length > 0)
  for (const [, text = ''] of examples) {
    t.is(decode({ kind: 'text', text }, HANDSHAKE_ADDRESSES_MAX).kind, 'message', text)
  }
})

test('docs - the close codes in PROTOCOL.md are all close codes', (t) => {
  const codes = rowsOf('docs/PROTOCOL.md').flatMap(([first = '']) => /^\d{4}$/.exec(first) ?? [])
  t.deepEqual(codes.map(Number), Object.values(CloseCode).sort())
})

test('docs - the headers in PROTOCOL.md are the headers', (t) => {
  const id = parseMeshId('0'.repeat(32))
  if (id === undefined) return t.fail()
  const headers = headersOf({ version: '1', mesh: 'm', id, address: 'ws://a', code: '' })
  const named = rowsOf('docs/PROTOCOL.md').flatMap(
    ([first = '']) => /^`(Mesh-\w+)`$/.exec(first)?.[1] ?? [],
  )
  t.deepEqual(named, Object.keys(headers))
})

test('docs - the limits in PROTOCOL.md are the limits', (t) => {
  const { handshakeTimeoutMs } = DEFAULT_TIMINGS
  const text = read('docs/PROTOCOL.md').replaceAll(/\s+/g, ' ')
  for (const sentence of [
    `array of at most ${HANDSHAKE_ADDRESSES_MAX.toLocaleString('en')} strings`,
    `a frame of more than ${FRAME_BYTES_MAX.toLocaleString('en')} bytes`,
    `${ACCEPTED_LINKS_MAX.toLocaleString('en')} accepted links, ${SILENT_LINKS_MAX} of them without HANDSHAKE`,
    `${CONNECTS_BURST} connections from one host at once and ${CONNECTS_PER_SECOND} a second`,
    `${CONNECTIONS_MAX.toLocaleString('en')} open connections in all`,
    `not read within ${ANSWER_MS_MAX / 1000} s`,
    `${handshakeTimeoutMs / 1000} s from the connection to the end of the request`,
    `when nothing comes for ${IDLE_MS / 1000} s, or no whole request for ${(IDLE_MS + handshakeTimeoutMs) / 1000} s`,
    `${LINKS_PER_PEER_MAX} links from one peer`,
    `${READ_BURST.toLocaleString('en')} addresses read from one link at once and ${READ_PER_SECOND} a second`,
    `${PLACE_ADDRESSES_MAX} addresses on one host and port`,
    `${DIALS_MAX} dials at once. ${DIALS_RESERVED} of them are kept`,
    `; ${DIALS_UNCALLED} of those not for plain peers`,
    `believed for ${OWN_SPELLING_MS / 60_000} minutes`,
    `${LEARN_BURST.toLocaleString('en')} addresses learned from one link at once and ${LEARN_PER_SECOND} a second`,
    `${BOOK_ADDRESSES_MAX.toLocaleString('en')} addresses remembered`,
  ]) {
    t.true(text.includes(sentence), sentence)
  }
})

test('docs - every source file that ARCHITECTURE.md names exists', (t) => {
  const names = [...read('docs/ARCHITECTURE.md').matchAll(/`([\w/-]+\.ts)`/g)].map(
    ([, name]) => name ?? '',
  )
  t.true(names.length > 0)
  for (const name of names) {
    t.true(existsSync(join(ROOT, 'src', name)) || existsSync(join(ROOT, name)), name)
  }
})

test('docs - ARCHITECTURE.md names every folder of tests', (t) => {
  const text = read('docs/ARCHITECTURE.md')
  const folders = readdirSync(join(ROOT, 'test')).filter((name) => name !== 'helpers')
  for (const name of folders) t.true(text.includes(`test/${name}`), name)
})
