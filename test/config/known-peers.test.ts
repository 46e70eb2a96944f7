import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readKnownPeers } from '../../src/config/known-peers.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const NAME = 'known-peers.json'

function knownPeersOf(t: ExecutionContext, content: string | Uint8Array) {
  return readKnownPeers(join(temporaryFolder(t, { [NAME]: content }), NAME))
}

test('known peers - are canonical, each once, in the order of the file', (t) => {
  const text =
    '["ws://LOCALHOST:4003/", "wss://example.com:443", "ws://localhost:4001", "ws://localhost:4003"]'
  t.deepEqual<unknown, unknown>(knownPeersOf(t, text), {
    kind: 'read',
    addresses: ['ws://localhost:4003', 'wss://example.com', 'ws://localhost:4001'],
  })
})

test('known peers - may be none, or missing', (t) => {
  t.deepEqual<unknown, unknown>(knownPeersOf(t, ' [ ]\n'), { kind: 'read', addresses: [] })
  t.deepEqual<unknown, unknown>(readKnownPeers(join(temporaryFolder(t), NAME)), { kind: 'missing' })
})

test('known peers - may begin with a byte order mark, or be UTF-16', (t) => {
  const expected = { kind: 'read', addresses: ['ws://a'] }
  t.deepEqual<unknown, unknown>(knownPeersOf(t, '\ufeff["ws://a"]'), expected)
  t.deepEqual<unknown, unknown>(
    knownPeersOf(t, Buffer.from('\ufeff["ws://a"]', 'utf16le')),
    expected,
  )
})

const NOT_JSON = {
  empty: ['', 'line 1, column 1', 'the file is empty'],
  blank: [' \n\n', 'line 3, column 1', 'the file is empty'],
  'cut off in the list': [
    '["ws://a",\n',
    'line 2, column 1',
    'the file ends where a value should follow',
  ],
  'cut off in a text': ['[\n  "ws://a', 'line 2, column 3', 'not closed'],
  'with a comma too many': ['[\r\n  "ws://a",\r\n]', 'line 2, column 11', 'a comma too many'],
  'without a comma': [
    '["ws://a"\n "ws://b"]',
    'line 2, column 2',
    "expected ',' or ']', got '\"ws://b\"'",
  ],
  'in single quotes': ["['ws://a']", 'line 1, column 2', 'double quotes'],
  'without quotes': ['[ws://a]', 'line 1, column 2', "got 'ws'"],
  'with a comment': ['[ // all of them\n]', 'line 1, column 3', 'no comments'],
  'followed by more': ['[]\n[]', 'line 2, column 1', 'expected nothing more'],
  binary: ['\u0000\u001b]0;x\u0007', 'line 1, column 1', "got '\\x00\\x1b'"],
} as const

for (const [title, [text, place, problem]] of Object.entries(NOT_JSON)) {
  test(`known peers - are refused with line and column when the file is ${title}`, (t) => {
    const error = throwsNodeError(
      t,
      () => knownPeersOf(t, text),
      'CONFIG_KNOWN_PEERS_INVALID',
      NAME,
      place,
      problem,
      '["ws://localhost:4001", "ws://localhost:4003"]',
    )
    t.true(error.cause instanceof SyntaxError)
  })
}

const NOT_ARRAYS = {
  '{"peers":[]}': "'{…}'",
  '"ws://localhost:4001"': "'ws://localhost:4001'",
  null: "'null'",
  42: "'42'",
}

for (const [json, shown] of Object.entries(NOT_ARRAYS)) {
  test(`known peers - are refused when the file is ${json}, not an array`, (t) => {
    const act = () => knownPeersOf(t, json)
    throwsNodeError(t, act, 'CONFIG_KNOWN_PEERS_INVALID', NAME, 'must be a JSON array', shown)
  })
}

const BAD_ENTRIES = {
  '"http://localhost:4003"': 'not with ws:// or wss://',
  '"localhost:4003"': 'is not a URL',
  '""': "''",
  '4003': 'is not a string but a number',
  null: 'is not a string but null',
  '["ws://a"]': 'is not a string but an array',
  '{"__proto__":1}': 'is not a string but an object',
  '"ws://a\\u001b[2J"': "'ws://a\\x1b[2J'",
  '"ws://a:70000"': 'is not a URL',
}

for (const [entry, problem] of Object.entries(BAD_ENTRIES)) {
  test(`known peers - are refused with its number when an entry is ${entry}`, (t) => {
    const act = () => knownPeersOf(t, `["ws://localhost:4001", ${entry}, "ws://localhost:4003"]`)
    throwsNodeError(t, act, 'CONFIG_KNOWN_PEERS_INVALID', NAME, 'entry 2 of 3', problem)
  })
}

test('known peers - are at most 4096', (t) => {
  const list = (count: number) =>
    JSON.stringify(Array.from({ length: count }, (_, i) => `ws://h${i}`))
  const read = knownPeersOf(t, list(4_096))
  t.is(read.kind === 'read' && read.addresses.length, 4_096)
  throwsNodeError(
    t,
    () => knownPeersOf(t, list(4_097)),
    'CONFIG_KNOWN_PEERS_INVALID',
    '4097',
    '4096',
  )
})

test('known peers - are refused when the file is larger than 1 MiB or a folder', (t) => {
  t.is(knownPeersOf(t, `[]${' '.repeat(1024 * 1024 - 2)}`).kind, 'read')
  throwsNodeError(
    t,
    () => knownPeersOf(t, `[]${' '.repeat(1024 * 1024 - 1)}`),
    'CONFIG_FILE_TOO_LARGE',
    NAME,
  )
  const folder = temporaryFolder(t)
  throwsNodeError(t, () => readKnownPeers(folder), 'CONFIG_FILE_UNREADABLE', folder, 'is a folder')
})

test('known peers - are refused when they are nested as deep as the file allows', (t) => {
  throwsNodeError(
    t,
    () => knownPeersOf(t, '['.repeat(500_000)),
    'CONFIG_KNOWN_PEERS_INVALID',
    'column 500001',
  )
  const balanced = '['.repeat(500_000) + ']'.repeat(500_000)
  throwsNodeError(t, () => knownPeersOf(t, balanced), 'CONFIG_KNOWN_PEERS_INVALID', NAME)
})
