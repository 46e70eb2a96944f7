import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { readKnownPeer, readKnownPeersFile } from '../../src/config/known-peers.ts'
import { SOURCES_MAX } from '../../src/discovery/limits.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const NAME = 'known-peers.json'

function knownPeersOf(t: ExecutionContext, content: string | Uint8Array) {
  return readKnownPeersFile(join(temporaryFolder(t, { [NAME]: content }), NAME))?.addresses
}

test('known peers - are canonical, each once, in the order of the file', (t) => {
  const text =
    '["ws://LOCALHOST:4003/", "wss://example.com:443", "ws://localhost:4001", "ws://localhost:4003"]'
  const expected = ['ws://localhost:4003', 'wss://example.com', 'ws://localhost:4001']
  t.deepEqual<unknown, unknown>(knownPeersOf(t, text), expected)
})

test('known peers - may have host names of other scripts', (t) => {
  const text = '["ws://BÜCHER.example:4001", "ws://xn--bcher-kva.example:4001", "wss://例え.jp/a"]'
  const expected = ['ws://xn--bcher-kva.example:4001', 'wss://xn--r8jz45g.jp/a']
  t.deepEqual<unknown, unknown>(knownPeersOf(t, text), expected)
})

test('known peers - may be none, or missing', (t) => {
  t.deepEqual<unknown, unknown>(knownPeersOf(t, ' [ ]\n'), [])
  t.is(readKnownPeersFile(join(temporaryFolder(t), NAME)), undefined)
})

test('known peers - may begin with a byte order mark, or be UTF-16', (t) => {
  const expected = ['ws://a']
  t.deepEqual<unknown, unknown>(knownPeersOf(t, '\ufeff["ws://a"]'), expected)
  t.deepEqual<unknown, unknown>(
    knownPeersOf(t, Buffer.from('\ufeff["ws://a"]', 'utf16le')),
    expected,
  )
})

/** The rest of the message is the runtime's own. */
const NOT_JSON = {
  empty: ['', ' is not JSON: Unexpected end of JSON input'],
  'cut off in the list': ['["ws://a",\n', ' is not JSON: Unexpected end of JSON input'],
  'cut off in a text': ['[\n  "ws://a', ' is not JSON at line 2, column 10: Unterminated string'],
  'with a comma too many': ['[\r\n  "ws://a",\r\n]', " is not JSON: Unexpected token ']'"],
  'without a comma': [
    '["ws://a"\r\n "ws://b"]',
    " is not JSON at line 2, column 2: Expected ',' or ']'",
  ],
  'in single quotes': ["['ws://a']", ' is not JSON: Unexpected token'],
  'with a comment': ['[ // all of them\n]', " is not JSON: Unexpected token '/'"],
  'followed by more': ['[]\n[]', ' is not JSON at line 2, column 1: Unexpected'],
  binary: ['\u0000\u001b]0;x\u0007', '\\x00\\x1b'],
} as const

for (const [title, [text, problem]] of Object.entries(NOT_JSON)) {
  test(`known peers - are refused with the place and the fix when the file is ${title}`, (t) => {
    const error = throwsNodeError(
      t,
      () => knownPeersOf(t, text),
      'CONFIG_KNOWN_PEERS_INVALID',
      NAME,
      problem,
      '; write a list such as ["ws://localhost:4001", "ws://localhost:4003"]',
    )
    t.true(error.cause instanceof SyntaxError)
    t.notRegex(error.message, /position/)
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
  t.is(knownPeersOf(t, list(4_096))?.length, 4_096)
  throwsNodeError(
    t,
    () => knownPeersOf(t, list(4_097)),
    'CONFIG_KNOWN_PEERS_INVALID',
    '4097',
    '4096',
  )
})

test('known peers - are refused when the file is larger than 1 MiB or a folder', (t) => {
  t.deepEqual(knownPeersOf(t, `[]${' '.repeat(1024 * 1024 - 2)}`), [])
  throwsNodeError(
    t,
    () => knownPeersOf(t, `[]${' '.repeat(1024 * 1024 - 1)}`),
    'CONFIG_FILE_TOO_LARGE',
    NAME,
  )
  const folder = temporaryFolder(t)
  throwsNodeError(
    t,
    () => readKnownPeersFile(folder),
    'CONFIG_FILE_UNREADABLE',
    folder,
    'is a folder',
  )
})

test('known peers - are refused when they are nested as deep as the file allows', (t) => {
  const open = '['.repeat(500_000)
  for (const text of [open, open + ']'.repeat(500_000)]) {
    throwsNodeError(t, () => knownPeersOf(t, text), 'CONFIG_KNOWN_PEERS_INVALID', NAME)
  }
})

function sourcesOf(t: ExecutionContext, list: readonly string[]): readonly string[] | undefined {
  const file = join(temporaryFolder(t, { [NAME]: JSON.stringify(list) }), NAME)
  return readKnownPeersFile(file)?.sources.map(({ text }) => text)
}

test('known peers - may be names to look up, each once, in one spelling', (t) => {
  const list = [
    'dns:MESH.example:4001',
    'ws://localhost:4001',
    'dns:mesh.example:04001',
    'dns:ws://mesh.example:4001/',
    'dns:mesh.example:80',
    'dns:mesh.example:4001/a',
    'dns:wss://mesh.example',
    'dns:wss://mesh.example:443/a',
    'dns:bücher.example:1',
    'srv:_mesh._tcp.MESH.example.',
    'srv:wss://_mesh._tcp.mesh.example/a',
    'lan',
    'lan',
  ]
  t.deepEqual(sourcesOf(t, list), [
    'dns:mesh.example:4001',
    'dns:mesh.example:80',
    'dns:mesh.example:4001/a',
    'dns:wss://mesh.example',
    'dns:wss://mesh.example:443/a',
    'dns:xn--bcher-kva.example:1',
    'srv:_mesh._tcp.mesh.example',
    'srv:wss://_mesh._tcp.mesh.example/a',
    'lan',
  ])
  for (const text of sourcesOf(t, list) ?? []) {
    const parsed = readKnownPeer(text)
    t.is(parsed.kind === 'source' ? parsed.source.text : '', text, 'reads its own spelling')
  }
})

for (const [entry, problem] of Object.entries({
  'dns:mesh.example': 'has no port; write dns:NAME:PORT',
  'dns:': 'is not a URL',
  'dns:10.0.0.1:4001': 'has an IP instead of a name; write ws://IP:PORT',
  'dns:[::1]:4001': 'has an IP instead of a name; write ws://IP:PORT',
  'dns:http://mesh.example:1': "begins with 'http://', not with ws:// or wss://",
  'dns:mesh.example:0': 'has the port 0',
  'dns:mesh.example:99999': 'is not a URL',
  'dns:me sh:1': 'has characters that no address has',
  'dns://mesh.example:4001': "begins with 'dns://', not with ws:// or wss://",
  'srv:_mesh._tcp.mesh.example:4001': 'has a port, which its SRV records have; leave it out',
  'lan:': 'is not a URL',
  LAN: 'is not a URL',
  'srv:mesh.example': 'has no name of SRV records; write srv:_SERVICE._tcp.NAME',
  'lan:x': 'is not a URL',
})) {
  test(`known peers - the name ${entry} is refused with the fix`, (t) => {
    const act = () => sourcesOf(t, [entry])
    throwsNodeError(t, act, 'CONFIG_KNOWN_PEERS_INVALID', NAME, 'entry 1 of 1', problem)
    throwsNodeError(t, () => readKnownPeer(entry), 'CONFIG_KNOWN_PEERS_INVALID', problem)
  })
}

test('known peers - are at most 16 names to look up', (t) => {
  const list = (count: number) => Array.from({ length: count }, (_, i) => `dns:h${i}:1`)
  t.is(sourcesOf(t, list(SOURCES_MAX))?.length, 16)
  const act = () => sourcesOf(t, list(SOURCES_MAX + 1))
  throwsNodeError(t, act, 'CONFIG_KNOWN_PEERS_INVALID', NAME, '17', '16')
})

test('known peers - are at most 16 names of file and setting together, which the error names', (t) => {
  const names = (start: number, count: number) =>
    Array.from({ length: count }, (_, n) => `dns:h${start + n}:1`)
  const files = (ofFile: readonly string[]) => ({
    '.env': 'PORT=4001',
    ...(ofFile.length > 0 && { [NAME]: JSON.stringify(ofFile) }),
  })
  const read = (ofFile: readonly string[], setting: readonly string[]) => {
    const env = { KNOWN_PEERS: setting.join(',') }
    return readConfig({ dir: temporaryFolder(t, files(ofFile)), env }).sources.length
  }
  const half = SOURCES_MAX / 2
  t.is(read(names(0, half), names(half, half)), SOURCES_MAX)
  const code = 'CONFIG_KNOWN_PEERS_INVALID'
  const both = () => read(names(0, half), names(half, half + 1))
  throwsNodeError(t, both, code, NAME, 'environment variable KNOWN_PEERS', '17')
  const one = () => read([], names(0, SOURCES_MAX + 1))
  throwsNodeError(t, one, code, 'the environment variable KNOWN_PEERS has 17')
})

test('known peers - KNOWN_PEERS adds to the file, and needs none', (t) => {
  const env = { KNOWN_PEERS: ' ws://a:1 , dns:mesh.example:4001,ws://b:1,' }
  const files = { '.env': 'PORT=4001' }
  const both = { ...files, [NAME]: '["ws://b:1", "ws://c:1", "dns:other.example:1"]' }
  const read = (dir: string, KNOWN_PEERS: string) => {
    const { knownPeers, sources, knownPeersFile } = readConfig({ dir, env: { KNOWN_PEERS } })
    return [knownPeersFile, ...knownPeers, ...sources.map(({ text }) => text)]
  }
  const right = env.KNOWN_PEERS.slice(0, -1)
  const expected = ['missing', 'ws://a:1', 'ws://b:1', 'dns:mesh.example:4001']
  t.deepEqual<unknown, unknown>(read(temporaryFolder(t, files), right), expected)
  t.deepEqual<unknown, unknown>(read(temporaryFolder(t, both), right), [
    ...['read', 'ws://b:1', 'ws://c:1', 'ws://a:1'],
    ...['dns:other.example:1', 'dns:mesh.example:4001'],
  ])
  const dir = temporaryFolder(t, files)
  for (const [value, problem] of [
    [env.KNOWN_PEERS, 'has an empty entry'],
    ['ws://a:1,dns:b', "has the entry 'dns:b', which has no port; write dns:NAME:PORT"],
  ] as const) {
    const act = () => read(dir, value)
    throwsNodeError(t, act, 'CONFIG_KNOWN_PEERS_INVALID', 'variable KNOWN_PEERS', problem)
  }
})
